package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.Unreadable;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.MapperSpec;
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes a table's record of what the file says, every default filled in. */
final class TableReader {

    private final Named<Section> entry;
    private final Section section;
    private final TableContext context;

    TableReader(Named<Section> entry, TableContext context) {
        this.entry = entry;
        this.section = entry.value();
        this.context = context;
    }

    /** The table; empty where it has no name or no source to speak of. */
    Optional<TableSpec> read() {
        List<TableId> from = new TableSources(section, context).read();
        Optional<MapperSpec> mapper = section.get(TablePart.MAPPER).flatMap(MapperPart::read);
        ColumnsSpec columns = columns(from);
        ProvidedColumns provided = new ProvidedColumns(columns, section.sets(TablePart.MAPPER));
        Optional<SplitSpec> split = section.get(TablePart.SPLIT).flatMap(levels -> SplitPart.read(section, levels));
        List<String> key = new TableKey(section, columns, provided, split).read(isMongo(from));
        WriteSpec.Mode mode = section.get(TablePart.WRITE).orElse(WriteSpec.Mode.UPSERT);
        DeletePolicy deletes = section.get(TablePart.DELETES)
                .orElse(mode == WriteSpec.Mode.APPEND_ONLY ? new DeletePolicy.Ignore() : new DeletePolicy.Hard());
        ConflictSpec conflict = section.get(TablePart.CONFLICT)
                .map(value -> ConflictPart.read(value, context.strong()))
                .orElse(ConflictSpec.sourceWins());
        Optional<ReconcileSpec> reconcile =
                section.get(TablePart.RECONCILE).map(value -> ReconcilePart.read(value, provided));
        Optional<HypertableSpec> hypertable =
                section.get(TablePart.HYPERTABLE).flatMap(value -> HypertablePart.read(value, provided, key));
        Optional<Expression> where = section.get(TablePart.WHERE);
        where.ifPresent(value -> check(section, TablePart.WHERE, value, ExpressionChecker.Use.FILTER));
        List<RuleSpec> rules = rules();
        WriteSpec write = write(mode, key, provided);
        TruncatePolicy onTruncate = section.get(TablePart.ON_TRUNCATE)
                .orElse(
                        context.strong() && deletes instanceof DeletePolicy.Hard
                                ? TruncatePolicy.APPLY
                                : TruncatePolicy.HALT);
        OptionalInt partitions =
                section.get(TablePart.PARTITIONS).map(OptionalInt::of).orElse(OptionalInt.empty());
        boolean disjointKeys = section.get(TablePart.DISJOINT_KEYS).orElse(false);
        DriftPolicy onDrift = section.get(TablePart.ON_DRIFT).orElse(DriftPolicy.ADD);
        Optional<TargetTable> target = target();
        if (target.isEmpty() || from.isEmpty()) {
            return Optional.empty();
        }
        TableSpec table = new TableSpec(
                target.get(),
                from,
                key,
                where,
                columns,
                split,
                rules,
                write,
                conflict,
                deletes,
                onTruncate,
                onDrift,
                partitions,
                disjointKeys,
                reconcile,
                hypertable,
                mapper,
                entry.place());
        new TableChecks(section, context, provided, table).run();
        return Optional.of(table);
    }

    private Optional<TargetTable> target() {
        try {
            return Optional.of(Words.targetTable(entry.name()));
        } catch (Unreadable e) {
            section.problemAt(entry.place(), e);
            return Optional.empty();
        }
    }

    private boolean isMongo(List<TableId> from) {
        return from.stream().anyMatch(table -> context.isMongo(table.source()));
    }

    private ColumnsSpec columns(List<TableId> from) {
        List<Named<Section>> entries = section.get(TablePart.COLUMNS).orElse(List.of());
        List<ColumnSpec> listed = entries.stream().map(ColumnPart::read).toList();
        for (int i = 0; i < listed.size(); i++) {
            if (listed.get(i).value() instanceof ColumnValue.Computed computed) {
                check(entries.get(i).value(), ColumnPart.EXPR, computed.expression(), ExpressionChecker.Use.COLUMN);
            }
        }
        boolean onlyListed = section.sets(TablePart.SPLIT) || (isMongo(from) && section.sets(TablePart.COLUMNS));
        TablePart.Others others =
                section.get(TablePart.OTHER_COLUMNS).orElse(onlyListed ? TablePart.Others.DROP : TablePart.Others.COPY);
        List<FieldPath> flatten = section.get(TablePart.FLATTEN).orElse(List.of()).stream()
                .map(Located::value)
                .toList();
        return new ColumnsSpec(listed, others == TablePart.Others.COPY, flatten, section.get(TablePart.OVERFLOW));
    }

    private List<RuleSpec> rules() {
        List<Named<Expression>> rules = section.get(TablePart.RULES).orElse(List.of());
        if (section.get(TablePart.RULES).equals(Optional.of(List.of()))) {
            section.problem(TablePart.RULES, "says no rule", "write one, or leave the key out");
        }
        for (Named<Expression> rule : rules) {
            check(section, TablePart.RULES, rule.value(), ExpressionChecker.Use.RULE);
        }
        return rules.stream()
                .map(rule -> new RuleSpec(rule.name(), rule.value(), rule.place()))
                .toList();
    }

    private void check(Section where, Key<?> key, Expression expression, ExpressionChecker.Use use) {
        context.expressions()
                .problemOf(expression, use)
                .ifPresent(problem -> where.problem(key, expression.place(), problem, ""));
    }

    private WriteSpec write(WriteSpec.Mode mode, List<String> key, ProvidedColumns provided) {
        Optional<Section> onConflict = section.get(TablePart.ON_CONFLICT);
        if (onConflict.isEmpty()) {
            return new WriteSpec(mode, List.of());
        }
        Section update = onConflict.get();
        List<Located<String>> columns = update.get(TablePart.UPDATE).orElse(List.of());
        provided.require(update, TablePart.UPDATE, columns);
        for (Located<String> column : columns) {
            if (key.contains(column.value())) {
                update.problem(
                        TablePart.UPDATE,
                        column.place(),
                        "\"" + column.value() + "\" is part of the key, which never changes",
                        "leave it out");
            }
        }
        if (update.get(TablePart.UPDATE).equals(Optional.of(List.of()))) {
            update.problem(TablePart.UPDATE, "names no column", "use write: first-wins if nothing is to change");
        }
        if (mode != WriteSpec.Mode.UPSERT) {
            section.problem(
                    TablePart.ON_CONFLICT,
                    "nothing is updated with write: " + Types.show(mode),
                    "leave one of them out");
            return new WriteSpec(mode, List.of());
        }
        return new WriteSpec(mode, columns.stream().map(Located::value).toList());
    }
}
