package io.sluice.sink.sql;

import java.util.List;

/** A statement over many rows, with one array parameter for each of these columns of theirs. */
record SetStatement(String sql, List<Parameter> parameters) {

    /** @param index the column's place in the rows or keys that the statement is for */
    record Parameter(int index, ColumnEncoder encoder) {}
}
