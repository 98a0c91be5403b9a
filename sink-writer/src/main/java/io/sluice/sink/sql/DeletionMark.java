package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TargetTable;
import java.util.List;

/** The column that says of a row that its source deleted it: when, or merely that it did. */
final class DeletionMark {

    /** What a table of ours gets. */
    static final String DECLARED = "timestamp with time zone";

    private DeletionMark() {}

    private enum Kind {
        FLAG,
        INSTANT,
        LOCAL_TIME,
        UNSUITABLE
    }

    private static Kind kind(TargetColumn column) {
        String declared = column.declared();
        if (declared.equals("boolean")) {
            return Kind.FLAG;
        }
        if (!declared.startsWith("timestamp")) {
            return Kind.UNSUITABLE;
        }
        return declared.endsWith("with time zone") ? Kind.INSTANT : Kind.LOCAL_TIME;
    }

    /** The value in a row that is not deleted. */
    static String none(TargetColumn column) {
        return kind(column) == Kind.FLAG ? "false" : "NULL";
    }

    /** @param time an expression of type timestamptz */
    static String set(TargetColumn column, String time) {
        return switch (kind(column)) {
            case FLAG -> "true";
            case INSTANT -> time;
            case LOCAL_TIME -> "(" + time + " AT TIME ZONE 'UTC')";
            case UNSUITABLE ->
                throw new IllegalArgumentException("column " + column.name() + " was to be refused before");
        };
    }

    static List<Finding> unsuitable(TargetShape shape, String mark) {
        TargetColumn column = shape.columns().get(mark);
        TargetTable table = shape.table();
        String place = "table " + table + " column " + mark;
        if (column == null) {
            return List.of(Finding.error(
                    place,
                    "the table has no such column to mark deleted rows in",
                    "Run: ALTER TABLE " + Identifiers.qualified(table.schema(), table.table()) + " ADD COLUMN "
                            + Identifiers.quoted(mark) + " " + DECLARED));
        }
        if (kind(column) == Kind.UNSUITABLE || column.generated()) {
            return List.of(Finding.error(
                    place,
                    "a column of type " + column.declared() + " can't mark deleted rows",
                    "Take one of type boolean or " + DECLARED + "."));
        }
        return List.of();
    }
}
