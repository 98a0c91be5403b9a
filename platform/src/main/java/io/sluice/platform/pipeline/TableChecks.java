package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.ConflictSpec.Resolution;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the options of one table may not say together. */
final class TableChecks {

    private final Section section;
    private final TableContext context;
    private final ProvidedColumns provided;
    private final TableSpec table;

    TableChecks(Section section, TableContext context, ProvidedColumns provided, TableSpec table) {
        this.section = section;
        this.context = context;
        this.provided = provided;
        this.table = table;
    }

    void run() {
        sources();
        writes();
        conflicts();
        deletes();
        truncates();
        variables();
        overflowAndFlatten();
        mapper();
        if (section.sets(TablePart.PARTITIONS) && context.strong()) {
            section.problem(
                    TablePart.PARTITIONS, "a strong service has one partition, or its order is lost", "leave it out");
        }
        if (section.sets(TablePart.HYPERTABLE) && !context.timescale()) {
            section.problem(
                    TablePart.HYPERTABLE, "plain PostgreSQL has no hypertables", "use target: {timescaledb: …}");
        }
        if (table.columns().copyOthers()) {
            return;
        }
        for (Named<Section> column : section.get(TablePart.COLUMNS).orElse(List.of())) {
            if (column.value().get(ColumnPart.DROP).orElse(false)) {
                column.value()
                        .problem(ColumnPart.DROP, "drops nothing: only the columns listed are taken", "leave it out");
            }
        }
    }

    private void sources() {
        long sources = table.from().stream()
                .map(from -> from.source())
                .filter(context.sources()::containsKey)
                .distinct()
                .count();
        boolean lastWins = table.conflict().resolve() == Resolution.LAST_WRITE_WINS;
        if (sources > 1 && !table.disjointKeys() && !table.hasKeysApart() && !lastWins) {
            section.problem(
                    TablePart.FROM,
                    "two sources write one table, and nothing says which of two rows with one key prevails",
                    "take the source into the key by a column {from: $source}, write disjoint-keys: true if that can't be, or "
                            + "conflict: {resolve: last-write-wins, by: …}");
        }
        if (table.disjointKeys() && table.from().size() < 2) {
            section.problem(TablePart.DISJOINT_KEYS, "says nothing: there is one table under from", "leave it out");
        }
    }

    private void writes() {
        WriteSpec.Mode mode = table.write().mode();
        if (mode == WriteSpec.Mode.APPEND_ONLY && section.sets(TablePart.SPLIT)) {
            section.problem(
                    TablePart.WRITE,
                    "append-only can't delete a row that vanishes from its parent, which a split must",
                    "use write: upsert");
        }
        if (mode == WriteSpec.Mode.APPEND_ONLY && !(table.deletes() instanceof DeletePolicy.Ignore)) {
            section.problem(TablePart.DELETES, "append-only keeps every row as it was written", "use deletes: ignore");
        }
    }

    private void conflicts() {
        Optional<Section> conflict = section.get(TablePart.CONFLICT);
        if (conflict.isEmpty()) {
            return;
        }
        Resolution resolution = table.conflict().resolve();
        if (table.write().mode() != WriteSpec.Mode.UPSERT && resolution != Resolution.SOURCE_WINS) {
            conflict.get()
                    .problem(
                            ConflictPart.RESOLVE,
                            Types.show(resolution) + " has nothing to resolve with write: "
                                    + Types.show(table.write().mode()) + ", which never overwrites",
                            "use write: upsert, or leave it out");
        }
        table.conflict().by().ifPresent(by -> {
            provided.require(
                    conflict.get(),
                    ConflictPart.BY,
                    List.of(new Located<>(by, conflict.get().place(ConflictPart.BY))));
            List<String> update = table.write().update();
            if (!update.isEmpty() && !update.contains(by)) {
                conflict.get()
                        .problem(
                                ConflictPart.BY,
                                "\"" + by + "\" is not among the columns that on-conflict updates, so it never grows",
                                "add it to on-conflict: {update: …}");
            }
            if (table.columns().column(by).map(ColumnSpec::value).orElse(new ColumnValue.Dropped())
                    instanceof ColumnValue.Constant) {
                conflict.get()
                        .problem(ConflictPart.BY, "\"" + by + "\" is the same in every row", "name a timestamp column");
            }
        });
    }

    private void deletes() {
        if (!(table.deletes() instanceof DeletePolicy.Soft soft)) {
            return;
        }
        if (table.key().contains(soft.column())) {
            section.problem(TablePart.DELETES, "marks a column of the key", "name another column");
        } else if (table.columns().column(soft.column()).isPresent()) {
            section.problem(
                    TablePart.DELETES,
                    "\"" + soft.column() + "\" is filled under columns already",
                    "name a column of the target's own");
        }
        if (table.write().update().contains(soft.column())) {
            section.problem(
                    TablePart.DELETES,
                    "\"" + soft.column() + "\" is updated by on-conflict too",
                    "leave it out there: deletes alone mark it");
        }
    }

    private void truncates() {
        TruncatePolicy policy = table.onTruncate();
        if (!section.sets(TablePart.ON_TRUNCATE) || policy == TruncatePolicy.HALT) {
            return;
        }
        if (policy == TruncatePolicy.APPLY && !context.strong()) {
            section.problem(
                    TablePart.ON_TRUNCATE,
                    "a TRUNCATE has no place in an order that only a strong service keeps",
                    "use halt or resnapshot, or consistency: strong");
        } else if (policy == TruncatePolicy.RESNAPSHOT && context.strong()) {
            section.problem(
                    TablePart.ON_TRUNCATE, "a strong service applies a TRUNCATE in its order", "use apply or halt");
        } else if (policy == TruncatePolicy.APPLY && !(table.deletes() instanceof DeletePolicy.Hard)) {
            section.problem(
                    TablePart.ON_TRUNCATE, "apply removes every row, and deletes is not hard", "use on-truncate: halt");
        }
    }

    private void variables() {
        for (Named<Section> entry : section.get(TablePart.COLUMNS).orElse(List.of())) {
            ColumnValue value =
                    table.columns().column(entry.name()).map(ColumnSpec::value).orElse(new ColumnValue.Dropped());
            Stream<ColumnValue> parts =
                    value instanceof ColumnValue.Generated generated ? generated.of().stream() : Stream.of(value);
            Key<?> key = value instanceof ColumnValue.Generated ? ColumnPart.GENERATED_KEY : ColumnPart.FROM;
            parts.forEach(part -> {
                if (part instanceof ColumnValue.Variable variable) {
                    variable(entry.value(), key, variable);
                }
            });
        }
    }

    private void variable(Section column, Key<?> key, ColumnValue.Variable variable) {
        VariableName name = variable.name();
        String shown = "$outer.".repeat(variable.outward()) + "$" + Types.show(name);
        if (name == VariableName.SOURCE) {
            return;
        }
        if (!section.sets(TablePart.SPLIT)) {
            column.problem(key, shown + " is only known in a split", "add split: …, or name a field");
        } else if (table.split().isPresent()) {
            List<SplitSpec.Level> levels = table.split().get().levels();
            if (variable.outward() >= levels.size()) {
                column.problem(
                        key,
                        shown + " goes out of a split of " + levels.size()
                                + (levels.size() == 1 ? " level" : " levels"),
                        "name a field of the source row");
                return;
            }
            boolean byPart = levels.get(levels.size() - 1 - variable.outward()) instanceof SplitSpec.Parts;
            if (byPart && name == VariableName.INDEX) {
                column.problem(
                        key,
                        shown + " is only known where an array is split",
                        "did you mean " + shown.replace("$index", "$part") + "?");
            } else if (!byPart && name == VariableName.PART) {
                column.problem(
                        key,
                        shown + " is only known where parts are split",
                        "did you mean " + shown.replace("$part", "$index") + "?");
            }
        }
    }

    private void overflowAndFlatten() {
        table.columns().overflow().ifPresent(overflow -> {
            if (table.columns().column(overflow).isPresent()) {
                section.problem(
                        TablePart.OVERFLOW,
                        "\"" + overflow + "\" is filled under columns already",
                        "name another column");
            }
            if (section.sets(TablePart.SPLIT)) {
                section.problem(
                        TablePart.OVERFLOW, "the parts of a split have no common rest", "take it in another table");
            }
            if (table.columns().copyOthers()
                    && table.from().stream().noneMatch(from -> context.isMongo(from.source()))) {
                section.problem(
                        TablePart.OVERFLOW,
                        "nothing is left over: every other column is copied",
                        "write other-columns: drop");
            }
        });
        if (section.sets(TablePart.FLATTEN) && section.sets(TablePart.SPLIT)) {
            section.problem(
                    TablePart.FLATTEN, "stands beside split", "name the fields under columns: from: $value.field");
        }
    }

    private void mapper() {
        if (!section.sets(TablePart.MAPPER)) {
            return;
        }
        for (Key<?> key : List.<Key<?>>of(
                TablePart.COLUMNS, TablePart.OTHER_COLUMNS, TablePart.FLATTEN, TablePart.OVERFLOW, TablePart.SPLIT)) {
            if (section.sets(key)) {
                section.problem(key, "stands beside mapper, which makes the whole row", "leave one of them out");
            }
        }
    }
}
