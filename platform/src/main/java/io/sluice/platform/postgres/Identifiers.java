package io.sluice.platform.postgres;

/** Spells names and texts so that PostgreSQL reads them back as they are, whatever characters they hold. */
public final class Identifiers {

    private Identifiers() {}

    /** One name, always quoted: a name that needs no quotes today may be a keyword tomorrow. */
    public static String quoted(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no name of PostgreSQL is empty or holds a NUL");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A name in its schema. */
    public static String qualified(String schema, String name) {
        return quoted(schema) + "." + quoted(name);
    }

    /** A text as a string constant, safe whatever {@code standard_conforming_strings} says. */
    public static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no text of PostgreSQL holds a NUL");
        }
        String doubled = text.replace("'", "''");
        return doubled.indexOf('\\') < 0 ? "'" + doubled + "'" : "E'" + doubled.replace("\\", "\\\\") + "'";
    }
}
