package io.sluice.app.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares a table of two databases row by row, in plain SQL. It shares no code with the pipeline, so that it can't share its
 * mistakes either.
 */
final class Comparison {

    private static final int FETCH_ROWS = 10_000;

    private Comparison() {}

    /** The outcome for one table. */
    record Result(String table, long sourceRows, long targetRows, long missing, long extra, long different) {

        boolean isEqual() {
            return sourceRows == targetRows && missing == 0 && extra == 0 && different == 0;
        }
    }

    /** Both tables must stand still meanwhile. Memory does not grow with them. */
    static Result compare(Connection source, Connection target, String table) throws SQLException {
        String query = query(source, table);
        source.setAutoCommit(false);
        target.setAutoCommit(false);
        try (Cursor here = new Cursor(source, query);
                Cursor there = new Cursor(target, query)) {
            long sourceRows = 0;
            long targetRows = 0;
            long missing = 0;
            long extra = 0;
            long different = 0;
            while (here.present() || there.present()) {
                int order = here.compareKey(there);
                sourceRows += order <= 0 ? 1 : 0;
                targetRows += order >= 0 ? 1 : 0;
                missing += order < 0 ? 1 : 0;
                extra += order > 0 ? 1 : 0;
                different += order == 0 && !here.row().equals(there.row()) ? 1 : 0;
                if (order <= 0) {
                    here.next();
                }
                if (order >= 0) {
                    there.next();
                }
            }
            return new Result(table, sourceRows, targetRows, missing, extra, different);
        } finally {
            source.rollback();
            target.rollback();
        }
    }

    /**
     * Key and whole row as text, in an order that both databases and Java agree on whatever their collations: that of a
     * fingerprint of the key.
     */
    private static String query(Connection source, String table) throws SQLException {
        String key = String.join(", '|', ", texts(columns(source, table, true)));
        String row = String.join(", ", texts(columns(source, table, false)));
        return "SELECT md5(concat(" + key + ")) AS key, ROW(" + row + ")::text AS row FROM " + quoted(table)
                + " ORDER BY md5(concat(" + key + ")) COLLATE \"C\"";
    }

    private static List<String> texts(List<String> columns) {
        return columns.stream().map(column -> quoted(column) + "::text").toList();
    }

    private static List<String> columns(Connection connection, String table, boolean keysOnly) throws SQLException {
        String sql =
                "SELECT attname FROM pg_attribute a WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped"
                        + (keysOnly
                                ? " AND attnum = ANY ((SELECT indkey::int2[] FROM pg_index WHERE indrelid = a.attrelid AND indisprimary)::int2[])"
                                : "")
                        + " ORDER BY attnum";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, quoted(table));
            List<String> columns = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(rows.getString(1));
                }
            }
            return columns;
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** Reads one side, row by row. */
    private static final class Cursor implements AutoCloseable {

        private final Statement statement;
        private final ResultSet rows;
        private boolean present;

        Cursor(Connection connection, String query) throws SQLException {
            this.statement = connection.createStatement();
            statement.execute("SET LOCAL timezone = 'UTC'");
            statement.setFetchSize(FETCH_ROWS);
            this.rows = statement.executeQuery(query);
            next();
        }

        void next() throws SQLException {
            present = rows.next();
        }

        boolean present() {
            return present;
        }

        String row() throws SQLException {
            return rows.getString(2);
        }

        /** Negative where only this side has a row, or has the lesser key; as Comparator. */
        int compareKey(Cursor other) throws SQLException {
            if (!present || !other.present) {
                return present ? -1 : 1;
            }
            return rows.getString(1).compareTo(other.rows.getString(1));
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }
}
