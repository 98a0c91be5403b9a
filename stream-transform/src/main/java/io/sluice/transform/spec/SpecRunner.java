package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.spec.Spec.Expected;
import io.sluice.transform.spec.Spec.ExpectedRow;
import io.sluice.transform.spec.SpecResult.ColumnDiff;
import io.sluice.transform.spec.SpecResult.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs one spec. */
public final class SpecRunner {

    private final Spec spec;
    private final ChangeApplier applier;
    private final TargetRows rows;
    private final RowComparison comparison = new RowComparison();
    private final List<Failure> failures = new ArrayList<>();

    private SpecRunner(Spec spec, ChangeApplier applier) {
        this.spec = spec;
        this.applier = applier;
        this.rows = new TargetRows(spec.service());
    }

    /** Runs it through the pure mapping. */
    public static SpecResult run(Spec spec) {
        return run(spec, ChangeApplier.pure(spec.mapping()));
    }

    public static SpecResult run(Spec spec, ChangeApplier applier) {
        SpecRunner runner = new SpecRunner(spec, applier);
        spec.steps().forEach(runner::step);
        spec.finalRows().forEach(runner::finalRows);
        return new SpecResult(spec, runner.failures);
    }

    private void step(Spec.Step step) {
        Map<TargetTable, List<RowChange>> changes = new LinkedHashMap<>();
        Map<TargetTable, MappingResult.Rejected> rejections = new LinkedHashMap<>();
        for (Change change : step.changes()) {
            applier.apply(change).forEach((table, result) -> {
                if (change instanceof Change.Truncated && emptiesWithItsSource(table)) {
                    rows.empty(table);
                } else if (result instanceof MappingResult.Mapped mapped) {
                    changes.computeIfAbsent(table, id -> new ArrayList<>()).addAll(mapped.changes());
                } else if (result instanceof MappingResult.Rejected rejected) {
                    rejections.putIfAbsent(table, rejected);
                }
            });
        }
        write(step.place(), changes);
        Map<TargetTable, List<Expected>> expected = step.expected().orElse(Map.of());
        expected.forEach((table, wanted) ->
                compare(step.place(), table, wanted, changes.getOrDefault(table, List.of()), rejections.remove(table)));
        rejections.forEach((table, rejected) -> fail(step.place(), table, said(rejected)));
        if (step.expected().isPresent() && expected.isEmpty()) {
            changes.forEach((table, made) -> {
                if (!made.isEmpty()) {
                    fail(step.place(), table, "no change was expected, but it gets " + kinds(made));
                }
            });
        }
    }

    /** The mapping alone can't: only among changes in their order is there a right moment. */
    private boolean emptiesWithItsSource(TargetTable table) {
        return spec.service()
                .table(table)
                .filter(of -> of.onTruncate() == TruncatePolicy.APPLY)
                .isPresent();
    }

    private void write(Place place, Map<TargetTable, List<RowChange>> changes) {
        for (List<RowChange> made : changes.values()) {
            for (RowChange change : made) {
                rows.write(change).ifPresent(trouble -> {
                    // Only who says what the rows are in the end says what they were before.
                    if (spec.finalRows().containsKey(change.table())) {
                        fail(place, change.table(), trouble);
                    }
                });
            }
        }
    }

    private void compare(
            Place step,
            TargetTable table,
            List<Expected> expected,
            List<RowChange> changes,
            MappingResult.@Nullable Rejected rejection) {
        if (rejection != null || expected.stream().anyMatch(Expected.Rejected.class::isInstance)) {
            compareRejection(step, table, expected, changes, rejection);
            return;
        }
        if (expected.size() != changes.size()) {
            fail(
                    step,
                    table,
                    count(expected.size()) + " expected, but it gets "
                            + (changes.isEmpty() ? "none" : count(changes.size()) + ": " + kinds(changes)));
            return;
        }
        for (int i = 0; i < changes.size(); i++) {
            compare(table, expected.get(i), changes.get(i));
        }
    }

    private void compareRejection(
            Place step,
            TargetTable table,
            List<Expected> expected,
            List<RowChange> changes,
            MappingResult.@Nullable Rejected rejection) {
        if (expected.size() == 1 && expected.get(0) instanceof Expected.Rejected wanted) {
            if (rejection == null) {
                fail(
                        wanted.place(),
                        table,
                        "a rejection was expected, but it gets " + (changes.isEmpty() ? "no change" : kinds(changes)));
            } else if (!rejection.reason().contains(wanted.reasonPart())) {
                otherReason(table, wanted, "reason", wanted.reasonPart(), rejection.reason());
            } else if (!wanted.rule().isEmpty() && !rejection.rule().equals(Optional.of(wanted.rule()))) {
                otherReason(
                        table, wanted, "rule", wanted.rule(), rejection.rule().orElse(rejection.reason()));
            }
            return;
        }
        if (rejection != null) {
            fail(step, table, said(rejection));
        } else {
            fail(step, table, "a rejection is expected beside other changes, and it goes alone");
        }
    }

    private void compare(TargetTable table, Expected expected, RowChange change) {
        if (expected instanceof Expected.Upserted upserted && change instanceof RowChange.Upsert upsert) {
            differ(expected.place(), table, "the row differs", comparison.rows(upserted.row(), upsert.row()));
        } else if (expected instanceof Expected.Deleted deleted && change instanceof RowChange.Delete delete) {
            differ(expected.place(), table, "another row is deleted", comparison.keys(deleted.key(), delete.key()));
        } else {
            boolean wantedUpsert = expected instanceof Expected.Upserted;
            failures.add(new Failure(
                    expected.place(),
                    table + ": " + (wantedUpsert ? "an upsert" : "a delete") + " was expected, but it gets "
                            + kinds(List.of(change)),
                    change instanceof RowChange.Upsert upsert
                            ? RowComparison.surplus(upsert.row())
                            : RowComparison.surplus(change.key())));
        }
    }

    private void otherReason(TargetTable table, Expected.Rejected wanted, String what, String expected, String actual) {
        failures.add(new Failure(
                wanted.place(),
                table + ": the change is rejected for another reason",
                List.of(new ColumnDiff(what, expected, actual, false))));
    }

    private static String said(MappingResult.Rejected rejected) {
        return "the change is rejected: " + rejected.reason();
    }

    private void finalRows(TargetTable table, List<ExpectedRow> expected) {
        List<Row> left = new ArrayList<>(rows.of(table));
        for (ExpectedRow wanted : expected) {
            Key key = wanted.row().over(null).key(wanted.schema().keySchema());
            Row found = left.stream()
                    .filter(row -> row.key(wanted.schema().keySchema()).equals(key))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                failures.add(new Failure(
                        wanted.place(), table + ": in the end, a row is missing", RowComparison.missing(wanted)));
            } else {
                left.remove(found);
                differ(wanted.place(), table, "in the end, a row differs", compared(table, wanted, found));
            }
        }
        for (Row row : left) {
            failures.add(new Failure(
                    spec.place(),
                    table + ": in the end, there is a row that was not expected",
                    RowComparison.surplus(row)));
        }
    }

    private List<ColumnDiff> compared(TargetTable table, ExpectedRow wanted, Row found) {
        List<ColumnDiff> columns = new ArrayList<>(comparison.rows(wanted, found));
        if (wanted.deleted().isPresent()
                && spec.service().table(table).orElseThrow().deletes() instanceof DeletePolicy.Soft soft) {
            boolean expected = wanted.deleted().get();
            boolean actual = rows.isMarked(table, found.key(wanted.schema().keySchema()));
            columns.add(new ColumnDiff(
                    soft.column(), String.valueOf(expected), String.valueOf(actual), expected == actual));
        }
        return columns;
    }

    private void differ(Place place, TargetTable table, String what, List<ColumnDiff> columns) {
        if (!RowComparison.same(columns)) {
            failures.add(new Failure(place, table + ": " + what, columns));
        }
    }

    private void fail(Place place, TargetTable table, String what) {
        failures.add(new Failure(place, table + ": " + what, List.of()));
    }

    private static String count(int changes) {
        return changes + (changes == 1 ? " change" : " changes");
    }

    private static String kinds(List<RowChange> changes) {
        return String.join(
                ", then ",
                changes.stream()
                        .map(change -> change instanceof RowChange.Upsert ? "an upsert" : "a delete")
                        .toList());
    }
}
