package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tables of ours that hold keys of a target table: a number and {@code k1}, {@code k2}, … in the target's own types, so that a key
 * is equal here whenever it is equal there.
 */
public final class KeyTable {

    // Those that an upsert can be decided by, as they are found for the target; the primary key first.
    private static final String KEY_COLUMNS =
            """
            SELECT ARRAY(
                SELECT a.attname::text
                FROM unnest(i.indkey[0 : i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                ORDER BY k.place)
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indimmediate AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL
            ORDER BY i.indisprimary DESC, i.indexrelid
            """;

    private static final String COLUMNS =
            """
            SELECT coalesce(string_agg(format_type(a.atttypid, a.atttypmod) || ' ' || a.attcollation, ', '
                   ORDER BY u.place), '')
            FROM unnest(?::text[]) WITH ORDINALITY AS u(name, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = to_regclass(?) AND a.attname = u.name AND NOT a.attisdropped
            """;

    // A type without modifier is not one whose modifier is left out: "character" is one character, "bpchar" any number.
    private static final String TYPES =
            """
            SELECT ARRAY(
                SELECT pg_catalog.format_type(a.atttypid, -1)
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = to_regclass(?) AND a.attnum > 1 AND NOT a.attisdropped
                ORDER BY a.attnum)
            """;

    private KeyTable() {}

    /** The target's key columns, in the order of the unique index that is on them. */
    public static List<String> columnsOf(Connection connection, TargetTable target, List<String> key)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(KEY_COLUMNS)) {
            query.setString(1, Identifiers.qualified(target.schema(), target.table()));
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    List<String> columns = List.of((String[]) found.getArray(1).getArray());
                    if (columns.size() == key.size() && columns.containsAll(key)) {
                        return columns;
                    }
                }
            }
        }
        return key;
    }

    /** The types of a table's keys, without length or precision; empty if there is no such table. */
    public static List<String> typesOf(Connection connection, String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(TYPES)) {
            query.setString(1, table);
            try (ResultSet found = query.executeQuery()) {
                found.next();
                return List.of((String[]) found.getArray(1).getArray());
            }
        }
    }

    /** The names of that many key columns. */
    public static List<String> names(int columns) {
        return IntStream.rangeClosed(1, columns).mapToObj(i -> "k" + i).toList();
    }

    /** Whether the table is there and can hold every key of the target. */
    public static boolean suits(Connection connection, String table, TargetTable target, List<String> columns)
            throws SQLException {
        return describe(connection, table, names(columns.size()))
                .equals(describe(connection, Identifiers.qualified(target.schema(), target.table()), columns));
    }

    /**
     * Makes the table, in the place of one that does not suit.
     *
     * @param number what its first column is called
     * @param byNumber whether it is looked up by that first; else by the key
     */
    public static void make(
            Connection connection,
            String table,
            String number,
            boolean byNumber,
            TargetTable target,
            List<String> columns,
            String comment)
            throws SQLException {
        String names = String.join(", ", names(columns.size()));
        String quoted = columns.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + table);
            // A query's columns take over types with their modifiers, and collations; nothing else.
            statement.execute("CREATE TABLE " + table + " (" + number + ", " + names + ") AS SELECT 0::bigint, "
                    + quoted + " FROM " + Identifiers.qualified(target.schema(), target.table()) + " WITH NO DATA");
            statement.execute("ALTER TABLE " + table + " ADD UNIQUE ("
                    + (byNumber ? number + ", " + names : names + ", " + number) + ")");
            statement.execute("COMMENT ON TABLE " + table + " IS " + Identifiers.literal(comment));
        }
    }

    private static String describe(Connection connection, String table, List<String> columns) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setArray(1, connection.createArrayOf("text", columns.toArray()));
            query.setString(2, table);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
