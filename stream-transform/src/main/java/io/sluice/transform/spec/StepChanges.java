package io.sluice.transform.spec;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.YamlNode;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.mapping.SourceTable;
import java.util.List;
import java.util.Optional;

/** What the steps of one spec do, as the changes that a source would make of them. */
final class StepChanges {

    private static final List<Key<?>> KINDS =
            List.of(SpecShapes.INSERT, SpecShapes.UPDATE, SpecShapes.DELETE, SpecShapes.TRUNCATE);

    private final RowReader rows;
    private final SourceHistory history = new SourceHistory();

    StepChanges(RowReader rows) {
        this.rows = rows;
    }

    /** None, and a problem, where the step makes no sense. */
    List<Change> of(Section step, SourceTable table) {
        List<Key<?>> given = KINDS.stream().filter(step::sets).toList();
        if (given.size() != 1) {
            step.problem(
                    given.isEmpty() ? "does nothing" : "does several things at once",
                    "give one of insert, update, delete and truncate");
            return List.of();
        }
        Optional<PartialRow> before = row(step, SpecShapes.BEFORE, table.row());
        if (step.sets(SpecShapes.BEFORE) && before.isEmpty()) {
            return List.of();
        }
        try {
            return changes(step, table, before);
        } catch (UnfitStepException e) {
            step.problem(given.get(0), e.problem(), e.suggestion());
            return List.of();
        }
    }

    private List<Change> changes(Section step, SourceTable table, Optional<PartialRow> before)
            throws UnfitStepException {
        if (step.sets(SpecShapes.TRUNCATE)) {
            return List.of(history.truncate(table));
        }
        if (step.sets(SpecShapes.INSERT)) {
            Optional<PartialRow> row = row(step, SpecShapes.INSERT, table.row());
            return row.isEmpty() ? List.of() : List.of(history.insert(table, row.get()));
        }
        if (step.sets(SpecShapes.UPDATE)) {
            Optional<PartialRow> row = row(step, SpecShapes.UPDATE, table.row());
            return row.isEmpty() ? List.of() : history.update(table, row.get(), before);
        }
        Optional<PartialRow> row = row(step, SpecShapes.DELETE, table.row());
        return row.isEmpty() ? List.of() : List.of(history.delete(table, row.get(), before));
    }

    private Optional<PartialRow> row(Section step, Key<YamlNode> key, RowSchema schema) {
        return step.get(key).flatMap(node -> rows.source(node, schema, step.path() + "." + key.name()));
    }
}
