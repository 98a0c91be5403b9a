package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.Documents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles one mapping, once: gathers every problem on the way rather than stop at the first. */
final class MappingCompiler {

    private final ServiceSpec service;
    private final TableSpec table;
    private final SourceTable source;
    private final List<MappingProblem> problems;
    private final Documents documents = new Documents();
    private final ExpressionsCompiler expressions;
    private final Toast toast;

    MappingCompiler(ServiceSpec service, TableSpec table, SourceTable source) {
        this.service = service;
        this.table = table;
        this.source = source;
        this.expressions = new ExpressionsCompiler(source, documents);
        this.toast = new Toast(source);
        this.problems = new ArrayList<>(Unsupported.of(service, table));
    }

    Compilation compile() {
        Optional<SplitCompiler.Split> split = table.split().flatMap(this::split);
        if (table.split().isPresent() && split.isEmpty()) {
            return new Compilation.Refused(problems);
        }
        SplitVariables variables =
                split.map(SplitCompiler.Split::variables).orElseGet(() -> SplitVariables.none(source));
        Map<String, ColumnStep> steps = new ColumnCompiler(
                        source, variables, expressions, table.place(), path() + ".", problems)
                .compile(table.columns(), table.onDrift() == DriftPolicy.ADD ? Set.of() : source.appeared());
        List<String> key = keyColumns(steps);
        namedColumnsExist(steps);
        if (!problems.isEmpty()) {
            return new Compilation.Refused(problems);
        }
        KeyPlan plan = keyPlan(key, steps, variables.rows().row());
        sourcesStayApart();
        numbersAreSomebodys(key);
        if (split.isPresent()) {
            SplitChecks checks = new SplitChecks(source, this::problem);
            checks.parentsStayApart(plan);
            checks.everythingIsKnown(steps.values(), split.get().reads());
        } else if (!plan.injective()) {
            movableKeyIsSafe(plan);
        }
        newerRowsStayWhole(steps);
        RowSchema target = targetSchema(steps, key, plan);
        Optional<SourceExpression> filter = filter(steps, plan);
        Rules rules = rules(steps, target);
        if (!problems.isEmpty()) {
            return new Compilation.Refused(problems);
        }
        Steps columns = new Steps(target, steps.values().toArray(new ColumnStep[0]));
        Set<Integer> reads = new HashSet<>();
        steps.values().forEach(step -> reads.addAll(step.reads()));
        filter.ifPresent(where -> reads.addAll(where.reads()));
        split.ifPresent(parts -> reads.addAll(parts.reads()));
        CompiledMapping mapping = new CompiledMapping(
                source.id(),
                table.target(),
                filter.orElse(null),
                columns,
                rules,
                plan,
                documents,
                split.map(SplitCompiler.Split::splitter).orElse(null));
        return new Compilation.Compiled(mapping, new DriftCompiler(table, source).compile(reads));
    }

    private Optional<SourceExpression> filter(Map<String, ColumnStep> steps, KeyPlan plan) {
        if (table.where().isEmpty()) {
            return Optional.empty();
        }
        Place place = table.where().get().place();
        Optional<SourceExpression> filter = expressions.filter(
                table.where().get(),
                message -> problems.add(new MappingProblem(place, path() + ".where", message, "")));
        if (filter.isEmpty()) {
            return filter;
        }
        toast.leftOut(filter.get().reads())
                .ifPresent(column -> problems.add(new MappingProblem(
                        place,
                        path() + ".where",
                        "it reads column " + column.name() + ", which the log may leave out of an update",
                        toast.remedy())));
        boolean byKeyAlone = filter.get().reads().stream().allMatch(source.row()::isKey);
        Set<Integer> carried = new HashSet<>();
        steps.values().forEach(step -> carried.addAll(step.reads()));
        Optional<Column> large = toast.leftOut(carried);
        if (!byKeyAlone && problems.isEmpty() && large.isPresent()) {
            problems.add(new MappingProblem(
                    place,
                    path() + ".where",
                    "a row that comes to satisfy it may lack column "
                            + large.get().name() + ", which the log may leave out of an update",
                    toast.remedy()));
        }
        if (!byKeyAlone && table.split().isEmpty() && !plan.injective() && !source.wholeBefore()) {
            problems.add(new MappingProblem(
                    place,
                    path() + ".where",
                    "rows that share a key at the target can't be taken away one by one where the log does not say"
                            + " what they were before",
                    source.isCollection() ? "make the key of the whole _id" : toast.remedy()));
        }
        return filter;
    }

    private Rules rules(Map<String, ColumnStep> steps, RowSchema target) {
        Rules rules = expressions.rules(
                table.rules(),
                target,
                (rule, message) -> problems.add(
                        new MappingProblem(rule.expression().place(), path() + ".rules." + rule.name(), message, "")));
        rules.reads().forEach((rule, columns) -> {
            Set<Integer> read = new HashSet<>();
            columns.forEach(column -> {
                ColumnStep step = steps.get(column);
                if (step != null) {
                    read.addAll(step.reads());
                }
            });
            toast.leftOut(read)
                    .ifPresent(column -> problem(
                            ".rules." + rule,
                            "it reads column " + column.name() + ", which the log may leave out of an update",
                            toast.remedy()));
        });
        return rules;
    }

    private Optional<SplitCompiler.Split> split(SplitSpec spec) {
        return new SplitCompiler(
                        source,
                        (message, remedy) ->
                                problems.add(new MappingProblem(spec.place(), path() + ".split", message, remedy)))
                .compile(spec);
    }

    /** As the file says; else the source's own key under the names it has here. */
    private List<String> keyColumns(Map<String, ColumnStep> steps) {
        if (!table.key().isEmpty()) {
            for (String column : table.key()) {
                if (!steps.containsKey(column) && table.columns().column(column).isEmpty()) {
                    problem(".key", "no column " + column + " is there to be a key", "");
                }
            }
            return table.key();
        }
        List<String> generated = table.columns().listed().stream()
                .filter(column -> column.value() instanceof ColumnValue.Generated)
                .map(column -> column.name())
                .toList();
        if (generated.size() == 1) {
            return generated;
        }
        if (!source.row().hasKey()) {
            problem(".key", source.id() + " has no key", "say with key: which columns tell its rows apart");
        }
        List<String> key = new ArrayList<>();
        for (String part : source.row().keyColumns()) {
            int index = source.row().indexOf(part);
            String name = part;
            ColumnStep own = steps.get(part);
            if (own == null || !own.standsFor(index)) {
                name = steps.values().stream()
                        .filter(step -> step.standsFor(index))
                        .map(step -> step.column().name())
                        .findFirst()
                        .orElse("");
            }
            if (name.isEmpty()) {
                problem(
                        ".key",
                        "column " + part + " of the key of " + source.id() + " is not carried over",
                        "carry it over, or say with key: which columns tell the rows apart");
            }
            key.add(name);
        }
        return key;
    }

    private void namedColumnsExist(Map<String, ColumnStep> steps) {
        table.write().update().forEach(column -> exists(steps, column, table.place(), ".on-conflict.update"));
        ConflictSpec conflict = table.conflict();
        conflict.by().ifPresent(column -> exists(steps, column, conflict.place(), ".conflict.by"));
        table.hypertable().ifPresent(spec -> exists(steps, spec.time(), spec.place(), ".hypertable.time"));
    }

    private void exists(Map<String, ColumnStep> steps, String column, Place place, String setting) {
        // A column that could not be compiled has been reported already.
        if (!steps.containsKey(column) && table.columns().column(column).isEmpty()) {
            problems.add(new MappingProblem(place, path() + setting, table.target() + " has no column " + column, ""));
        }
    }

    private KeyPlan keyPlan(List<String> key, Map<String, ColumnStep> steps, RowSchema rows) {
        ColumnStep[] parts = new ColumnStep[key.size()];
        Set<Integer> sourceKey = new HashSet<>();
        source.row().keyColumns().forEach(column -> sourceKey.add(source.row().indexOf(column)));
        Set<Integer> told = new HashSet<>();
        boolean fromSourceKey = true;
        for (int i = 0; i < parts.length; i++) {
            ColumnStep step = steps.get(key.get(i));
            if (step == null) {
                throw new IllegalStateException("a missing key column was to be reported");
            }
            parts[i] = step;
            boolean ofSourceKey = sourceKey.containsAll(step.reads());
            fromSourceKey &= ofSourceKey;
            if (!ofSourceKey) {
                step.reads().forEach(read -> equalMeansWrittenAlike(step.column(), rows.column(read)));
            }
            if (step.inKeys() == Conversion.InKeys.SPLIT) {
                problem(
                        ".key",
                        "column " + step.column().name() + " of type "
                                + step.column().declared()
                                + " can't be in the key: equal values would become different ones",
                        "leave it in the type that it has, or choose another");
            }
            if (step.inKeys() == Conversion.InKeys.DISTINCT) {
                told.addAll(step.reads());
            }
        }
        boolean plain = Arrays.stream(parts).allMatch(step -> step instanceof CopiedColumn || step.isConstant());
        List<Column> columns = new ArrayList<>();
        for (ColumnStep part : parts) {
            columns.add(fromSourceKey && plain ? part.column() : required(part.column()));
        }
        RowSchema schema = new RowSchema(table.target().table(), columns, key);
        boolean injective =
                (fromSourceKey || table.split().isPresent()) && !sourceKey.isEmpty() && told.containsAll(sourceKey);
        return new KeyPlan(schema, parts, rows, documents, fromSourceKey, injective);
    }

    /** The source's own key was looked at when its table was; another one is looked at here. */
    private void equalMeansWrittenAlike(Column column, Column from) {
        // Of a document only what is taken from it matters, and that has the target's type.
        boolean document = from.type() == Simple.DOCUMENT || from.type() == Simple.JSON;
        if (column.type().mayBeWrittenDifferently() || (!document && from.type().mayBeWrittenDifferently())) {
            problem(
                    ".key",
                    "column " + column.name() + " of type " + column.declared()
                            + " can't be in the key: equal values of it may be written differently",
                    "take a column of a plain type, or the source's own key");
        }
    }

    private static Column required(Column column) {
        return new Column(column.name(), column.type(), column.declared(), false);
    }

    /** Two sources have no common order, so a row that both give would be whichever came last. */
    private void sourcesStayApart() {
        if (table.hasSeveralSources()
                && !table.disjointKeys()
                && !table.hasKeysApart()
                && table.conflict().resolve() != ConflictSpec.Resolution.LAST_WRITE_WINS) {
            problem(
                    ".from",
                    "its sources may give the same key, and then the later record would win, not the later change",
                    "put `from: $source` into the key, or promise `disjoint-keys: true`, or let the last write win");
        }
    }

    private void numbersAreSomebodys(List<String> key) {
        for (ColumnSpec column : new NumberChecks(service, table, source).strangers(key)) {
            problems.add(new MappingProblem(
                    column.place(),
                    path() + ".columns." + column.name(),
                    "these fields tell no table's rows apart: a reference to another source table can't be numbered, it would"
                            + " name other rows than it does now",
                    "keep the source's own key in that table and refer to it"));
        }
    }

    /** A target row may then come from one source row now and from another one later, and must follow their order. */
    private void movableKeyIsSafe(KeyPlan plan) {
        if (!plan.fromSourceKey() && source.isCollection()) {
            problem(
                    ".key",
                    "the key can change while _id does not, and MongoDB does not always tell what a document was"
                            + " before",
                    "make the key of _id alone");
        } else if (!plan.fromSourceKey() && !source.wholeBefore()) {
            problem(
                    ".key",
                    "the key can change while the source's own key does not, and " + source.id()
                            + " does not log what a row was before",
                    toast.remedy());
        }
        if (service.partitionsOf(source.id()) != 1) {
            problem(
                    ".key",
                    "the key is not made of the whole key of " + source.id()
                            + ", so changes of one target row could overtake each other",
                    "keep the source's key, or set `partitions: 1` on every table of this service that reads it");
        }
    }

    /**
     * Where another writer's row may be older or newer than ours, a change that lacks a value would be laid over that row: part of
     * one version and part of another, which nobody ever wrote.
     */
    private void newerRowsStayWhole(Map<String, ColumnStep> steps) {
        ConflictSpec conflict = table.conflict();
        if (conflict.resolve() == ConflictSpec.Resolution.SOURCE_WINS
                || table.write().mode() != WriteSpec.Mode.UPSERT) {
            return;
        }
        List<String> updated = table.write().update();
        Set<Integer> read = new HashSet<>();
        steps.forEach((name, step) -> {
            if (updated.isEmpty() || updated.contains(name)) {
                read.addAll(step.reads());
            }
        });
        toast.leftOut(read)
                .ifPresent(column -> problems.add(new MappingProblem(
                        conflict.place(),
                        path() + ".conflict",
                        "the log may leave column " + column.name()
                                + " out of an update, and the rest would be laid over a row of another writer",
                        toast.remedy())));
    }

    private RowSchema targetSchema(Map<String, ColumnStep> steps, List<String> key, KeyPlan plan) {
        List<Column> columns = new ArrayList<>();
        for (ColumnStep step : steps.values()) {
            int part = plan.schema().indexOf(step.column().name());
            columns.add(part >= 0 ? plan.schema().column(part) : step.column());
        }
        return new RowSchema(table.target().table(), columns, key);
    }

    private void problem(String setting, String message, String remedy) {
        problems.add(new MappingProblem(table.place(), path() + setting, message, remedy));
    }

    private String path() {
        return Mapping.path(service, table, source.id());
    }
}
