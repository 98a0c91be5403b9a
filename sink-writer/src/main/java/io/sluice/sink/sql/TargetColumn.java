package io.sluice.sink.sql;

/**
 * One column of a target table.
 *
 * @param castType its type, domains resolved, qualified and quoted, and without length or precision
 * @param delimiter between elements, if it is an array
 * @param generated computed by the database: never written
 * @param identityAlways numbered by the database: written on insert against its will, and never updated
 * @param optional an insert may leave it out
 */
record TargetColumn(
        String name,
        String declared,
        String castType,
        char delimiter,
        boolean generated,
        boolean identityAlways,
        boolean optional) {

    /** How many digits behind the point a numeric type keeps; {@code format_type} always writes both: numeric(10,2). */
    static int scale(String numeric) {
        return Integer.parseInt(numeric.substring(numeric.indexOf(',') + 1, numeric.indexOf(')')));
    }
}
