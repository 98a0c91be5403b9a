package io.sluice.sink.sql;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import java.util.Set;

/**
 * A column whose values the target numbers. Its rows bring a name, a UUID made of the source row's key, and declare a whole number:
 * which number the name has, the target's key map knows.
 */
final class NumberedColumn {

    private static final Set<String> WHOLE_NUMBERS = Set.of("smallint", "integer", "bigint");

    private NumberedColumn() {}

    static boolean is(Column column) {
        return column.type() == Simple.UUID && takesNumbers(column.declared());
    }

    static boolean takesNumbers(String declared) {
        return WHOLE_NUMBERS.contains(declared);
    }

    static boolean isAmong(RowSchema rows) {
        return rows.columns().stream().anyMatch(NumberedColumn::is);
    }

    /** Whether the table is where its numbers begin: what they tell apart is its rows. */
    static boolean isWholeKey(Column column, RowSchema rows) {
        return is(column) && rows.keyColumns().size() == 1 && rows.keyColumns().contains(column.name());
    }
}
