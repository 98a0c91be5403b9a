package io.sluice.sink.sql;

import org.jspecify.annotations.Nullable;

/**
 * One column of a target table.
 *
 * @param castType its type, domains resolved, qualified and quoted, and without length or precision
 * @param delimiter between elements, if it is an array
 * @param generated computed by the database: never written
 * @param identityAlways numbered by the database: written on insert against its will, and never updated
 * @param optional an insert may leave it out
 * @param numbers where its values come from if rows bring names instead; null if they bring the values
 */
record TargetColumn(
        String name,
        String declared,
        String castType,
        char delimiter,
        boolean generated,
        boolean identityAlways,
        boolean optional,
        @Nullable KeySpace numbers) {

    TargetColumn numberedBy(KeySpace space) {
        return new TargetColumn(name, declared, castType, delimiter, generated, identityAlways, optional, space);
    }

    /** One that is yet to be added, and takes nulls. */
    static TargetColumn added(String name, String declared) {
        return new TargetColumn(name, declared, "", ',', false, false, true, null);
    }

    TargetColumn declared(String wider) {
        return new TargetColumn(name, wider, castType, delimiter, generated, identityAlways, optional, numbers);
    }

    TargetColumn madeOptional() {
        return new TargetColumn(name, declared, castType, delimiter, generated, identityAlways, true, numbers);
    }

    /** The bare name of its type, domains resolved: {@code int4}; empty if it is not one of PostgreSQL's own. */
    String typeName() {
        String own = "\"pg_catalog\".\"";
        return castType.startsWith(own) ? castType.substring(own.length(), castType.length() - 1) : "";
    }

    /** How many digits behind the point a numeric type keeps; {@code format_type} always writes both: numeric(10,2). */
    static int scale(String numeric) {
        return Integer.parseInt(numeric.substring(numeric.indexOf(',') + 1, numeric.indexOf(')')));
    }
}
