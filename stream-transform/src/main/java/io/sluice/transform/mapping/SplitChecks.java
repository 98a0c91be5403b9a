package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must hold of a table whose rows are parts of source rows, or rows would be lost, or stay for ever. */
final class SplitChecks {

    /** Takes what is wrong with a setting of the table. */
    interface Reporter {
        void problem(String setting, String message, String remedy);
    }

    private final SourceTable source;
    private final Reporter reporter;

    SplitChecks(SourceTable source, Reporter reporter) {
        this.source = source;
        this.reporter = reporter;
    }

    /**
     * What is remembered of a source row are the keys of its rows; if another one had a row of the same key, it would lose it with
     * the first one's. One partition would not help: of two source rows that swap a part, either may come first.
     */
    void parentsStayApart(KeyPlan plan) {
        if (!plan.injective()) {
            reporter.problem(
                    ".key",
                    "two source rows may give rows of one key",
                    "put every column of the key of " + source.id() + " into it, as it is");
        }
    }

    /**
     * All rows of a source row are made from one change of it, so that must tell all that they are made of.
     *
     * @param split the columns that are taken apart
     */
    void everythingIsKnown(Collection<ColumnStep> steps, Set<Integer> split) {
        if (source.wholeBefore() || source.isCollection()) {
            return;
        }
        Set<Integer> read = new TreeSet<>(split);
        steps.forEach(step -> read.addAll(step.reads()));
        String large = read.stream()
                .filter(column -> column < source.row().size() && !source.row().isKey(column))
                .map(source.row()::column)
                .filter(column -> mayBeLeftOut(column.type()))
                .map(Column::name)
                .collect(Collectors.joining(", "));
        if (!large.isEmpty()) {
            reporter.problem(
                    ".split",
                    "the log leaves out large values that an update does not touch, and rows are made of " + large,
                    new Toast(source).remedy());
        }
    }

    /** Whether PostgreSQL may keep such a value apart from its row. */
    private static boolean mayBeLeftOut(LogicalType type) {
        if (!(type instanceof Simple simple)) {
            return true;
        }
        return switch (simple) {
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, UUID, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> false;
            case TEXT, BYTES, JSON, DOCUMENT -> true;
        };
    }
}
