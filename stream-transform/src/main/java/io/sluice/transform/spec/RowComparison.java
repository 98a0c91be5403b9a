package io.sluice.transform.spec;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.spec.Spec.ExpectedRow;
import io.sluice.transform.spec.SpecResult.ColumnDiff;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two rows, column by column. */
final class RowComparison {

    private static final String NOT_THERE = "";

    private final Values values = new Values();

    static boolean same(List<ColumnDiff> columns) {
        return columns.stream().allMatch(ColumnDiff::same);
    }

    List<ColumnDiff> rows(ExpectedRow expected, Row actual) {
        List<ColumnDiff> columns = new ArrayList<>();
        for (int i = 0; i < actual.schema().size(); i++) {
            Column column = actual.schema().column(i);
            if (expected.row().names(column.name())) {
                columns.add(diff(column, expected.row().value(column.name()), actual.value(i)));
            }
        }
        return columns;
    }

    List<ColumnDiff> keys(ExpectedRow expected, Key actual) {
        List<ColumnDiff> columns = new ArrayList<>();
        for (int i = 0; i < actual.size(); i++) {
            Column column = actual.schema().column(i);
            columns.add(diff(column, expected.row().value(column.name()), actual.part(i)));
        }
        return columns;
    }

    /** A row that is there and was not expected. */
    static List<ColumnDiff> surplus(Row row) {
        List<ColumnDiff> columns = new ArrayList<>();
        for (int i = 0; i < row.schema().size(); i++) {
            columns.add(new ColumnDiff(
                    row.schema().column(i).name(), NOT_THERE, text(row.schema(), i, row.value(i)), false));
        }
        return columns;
    }

    static List<ColumnDiff> surplus(Key key) {
        List<ColumnDiff> columns = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            columns.add(new ColumnDiff(
                    key.schema().column(i).name(), NOT_THERE, text(key.schema(), i, key.part(i)), false));
        }
        return columns;
    }

    /** A row that was expected and is not there. */
    static List<ColumnDiff> missing(ExpectedRow row) {
        List<ColumnDiff> columns = new ArrayList<>();
        for (Column column : row.schema().columns()) {
            if (row.row().names(column.name())) {
                columns.add(new ColumnDiff(
                        column.name(), ValueText.of(column.type(), row.row().value(column.name())), NOT_THERE, false));
            }
        }
        return columns;
    }

    private ColumnDiff diff(Column column, @Nullable Object expected, @Nullable Object actual) {
        LogicalType type = column.type();
        return new ColumnDiff(
                column.name(),
                ValueText.of(type, expected),
                ValueText.of(type, actual),
                values.same(type, expected, actual));
    }

    private static String text(RowSchema schema, int index, @Nullable Object value) {
        return ValueText.of(schema.column(index).type(), value);
    }
}
