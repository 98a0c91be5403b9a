package io.sluice.transform.spec;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Key;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.YamlNode;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.transform.mapping.SourceTable;
import io.sluice.transform.spec.Spec.Expected;
import io.sluice.transform.spec.Spec.ExpectedRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes one written spec ready to run: values of their columns' types, changes as a source would make them. */
final class SpecBinder {

    private final BoundService service;
    private final SpecDefaults defaults;
    private final Section written;
    private final RowReader rows;
    private final StepChanges changes;
    private final boolean everyColumn;
    private boolean whole = true;

    SpecBinder(BoundService service, SpecDefaults defaults, Section written, Problems problems) {
        this.service = service;
        this.defaults = defaults;
        this.written = written;
        this.rows = new RowReader(problems);
        this.changes = new StepChanges(rows);
        this.everyColumn = written.get(SpecShapes.SPEC_COLUMNS).orElse(defaults.columns()) == SpecShapes.Compared.EVERY;
    }

    /** Empty, and a problem, where something is wrong. */
    Optional<Spec> bind(String name) {
        List<Spec.Step> steps = new ArrayList<>();
        boolean expects = written.sets(SpecShapes.FINALLY);
        for (Located<Section> step : written.get(SpecShapes.STEPS).orElse(List.of())) {
            expects |= step.value().sets(SpecShapes.EXPECT);
            step(step.value()).ifPresentOrElse(steps::add, () -> whole = false);
        }
        Map<TargetTable, List<ExpectedRow>> finalRows = new LinkedHashMap<>();
        for (Named<List<Located<YamlNode>>> table :
                written.get(SpecShapes.FINALLY).orElse(List.of())) {
            finalRows(table)
                    .ifPresentOrElse(found -> finalRows.put(service.target(table.name()), found), () -> whole = false);
        }
        if (!expects) {
            written.problem("expects nothing", "say with expect: or finally: what becomes of its steps");
            whole = false;
        }
        return whole
                ? Optional.of(new Spec(
                        name,
                        written.place(),
                        service.pipeline(),
                        service.spec(),
                        service.sources(),
                        service.mapping(),
                        steps,
                        finalRows))
                : Optional.empty();
    }

    private Optional<Spec.Step> step(Section step) {
        SourceTable table = table(step);
        List<Change> made = table == null ? List.of() : changes.of(step, table);
        Optional<Map<TargetTable, List<Expected>>> expected =
                step.get(SpecShapes.EXPECT).map(this::expected);
        return made.isEmpty() ? Optional.empty() : Optional.of(new Spec.Step(step.place(), made, expected));
    }

    private @Nullable SourceTable table(Section step) {
        Optional<String> name = step.get(SpecShapes.STEP_TABLE)
                .or(() -> written.get(SpecShapes.SPEC_TABLE))
                .or(defaults::table);
        if (name.isEmpty()) {
            step.problem("names no source table", "say table: source.schema.table here, for the spec or for the file");
            return null;
        }
        Optional<SourceTable> found = service.source(name.get());
        if (found.isEmpty()) {
            Key<String> key = step.sets(SpecShapes.STEP_TABLE) ? SpecShapes.STEP_TABLE : SpecShapes.SPEC_TABLE;
            Section at = step.sets(SpecShapes.STEP_TABLE) ? step : written;
            at.problem(key, service.problemWith(name.get()), service.suggestionFor(name.get()));
        }
        return found.orElse(null);
    }

    private Map<TargetTable, List<Expected>> expected(List<Named<List<Located<Section>>>> tables) {
        Map<TargetTable, List<Expected>> expected = new LinkedHashMap<>();
        for (Named<List<Located<Section>>> table : tables) {
            Optional<RowSchema> schema = schema(table);
            if (schema.isEmpty()) {
                continue;
            }
            List<Expected> changes = new ArrayList<>();
            for (Located<Section> change : table.value()) {
                expected(change.value(), schema.get()).ifPresentOrElse(changes::add, () -> whole = false);
            }
            expected.put(service.target(table.name()), changes);
        }
        return expected;
    }

    private Optional<Expected> expected(Section change, RowSchema schema) {
        int given = 0;
        for (Key<?> key : List.of(SpecShapes.UPSERT, SpecShapes.DELETE_ROW, SpecShapes.REJECTED, SpecShapes.RULE)) {
            given += change.sets(key) ? 1 : 0;
        }
        if (given != 1) {
            change.problem("is not one change", "give one of upsert, delete, rejected and rule");
            return Optional.empty();
        }
        if (change.sets(SpecShapes.REJECTED)) {
            return change.get(SpecShapes.REJECTED)
                    .map(reason -> new Expected.Rejected(change.place(SpecShapes.REJECTED), reason, ""));
        }
        if (change.sets(SpecShapes.RULE)) {
            return change.get(SpecShapes.RULE)
                    .map(rule -> new Expected.Rejected(change.place(SpecShapes.RULE), "", rule));
        }
        if (change.sets(SpecShapes.UPSERT)) {
            return change.get(SpecShapes.UPSERT)
                    .flatMap(node -> row(change, SpecShapes.UPSERT, node, schema, names(schema.columns())))
                    .map(Expected.Upserted::new);
        }
        return change.get(SpecShapes.DELETE_ROW)
                .flatMap(node -> row(change, SpecShapes.DELETE_ROW, node, schema, schema.keyColumns()))
                .map(Expected.Deleted::new);
    }

    private Optional<ExpectedRow> row(
            Section change, Key<YamlNode> key, YamlNode node, RowSchema schema, List<String> wanted) {
        Optional<PartialRow> row = rows.row(node, schema, change.path() + "." + key.name());
        boolean all = everyColumn || key.equals(SpecShapes.DELETE_ROW);
        List<String> missing = row.map(found -> found.lacking(wanted)).orElse(List.of());
        if (all && !missing.isEmpty()) {
            change.problem(
                    key,
                    "says nothing of " + String.join(", ", missing),
                    "name it, or compare only what is named with columns: named");
            return Optional.empty();
        }
        return row.map(found -> new ExpectedRow(found, all));
    }

    private Optional<List<ExpectedRow>> finalRows(Named<List<Located<YamlNode>>> table) {
        Optional<RowSchema> schema = schema(table);
        if (schema.isEmpty()) {
            return Optional.empty();
        }
        List<String> wanted =
                everyColumn ? names(schema.get().columns()) : schema.get().keyColumns();
        String path = written.path() + "." + SpecShapes.FINALLY.name() + "." + table.name();
        Optional<String> mark = service.spec()
                .table(service.target(table.name()))
                .flatMap(of ->
                        of.deletes() instanceof DeletePolicy.Soft soft ? Optional.of(soft.column()) : Optional.empty());
        List<ExpectedRow> found = new ArrayList<>();
        for (Located<YamlNode> node : table.value()) {
            MarkedRow marked = MarkedRow.of(node.value(), mark, everyColumn);
            if (marked.misspelt()) {
                written.problem(
                        SpecShapes.FINALLY,
                        node.place(),
                        "says of " + mark.orElse("") + " neither true nor false",
                        "say true of a row that is marked as deleted, whatever the target's column holds then");
                return Optional.empty();
            }
            Optional<PartialRow> row = rows.row(marked.row(), schema.get(), path);
            List<String> missing = row.map(given -> given.lacking(wanted)).orElse(List.of());
            if (!missing.isEmpty()) {
                written.problem(
                        SpecShapes.FINALLY, node.place(), "says nothing of " + String.join(", ", missing), "name it");
            }
            if (row.isEmpty() || !missing.isEmpty()) {
                return Optional.empty();
            }
            found.add(new ExpectedRow(row.get(), everyColumn, marked.deleted()));
        }
        return Optional.of(found);
    }

    private Optional<RowSchema> schema(Named<?> table) {
        Optional<RowSchema> schema = service.targetSchema(table.name());
        if (schema.isEmpty()) {
            written.problemAt(
                    table.place(),
                    "no table \"" + table.name() + "\" of " + service.spec().name()
                            + " comes from the tables that are declared",
                    DidYouMean.suggest(table.name(), service.targetNames()));
            whole = false;
        }
        return schema;
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }
}
