package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.replication.LogSequenceNumber;

/** Questions to a server that have one answer. */
final class Sql {

    private Sql() {}

    /** The first column of the first row; empty where there is none, or where it is null. */
    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            String text = result.next() ? result.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    /** What the server is set to; empty where it does not know the setting. */
    static String setting(Connection connection, String name) throws SQLException {
        return text(connection, "SELECT pg_catalog.current_setting(" + Identifiers.literal(name) + ", true)");
    }

    static boolean isTrue(Connection connection, String query) throws SQLException {
        return text(connection, query).equals("t");
    }

    /**
     * An id that every transaction which has one by now is below. A snapshot's own upper end is not that: it is the id behind
     * the last one that has <em>ended</em>, and those that are still open, or not visible yet, may lie beyond it.
     */
    static long nextTransaction(Connection connection) throws SQLException {
        return Long.parseLong(text(connection, "SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text"));
    }

    /** Up to where something is in the log: where is inserted, not where is written, for a commit is visible before it is on disk. */
    static long logEnd(Connection connection) throws SQLException {
        return LogSequenceNumber.valueOf(
                        text(connection, "SELECT pg_catalog.pg_current_wal_insert_lsn()::pg_catalog.text"))
                .asLong();
    }

    /** Our user, as SQL writes it. */
    static String user(Connection connection) throws SQLException {
        return text(connection, "SELECT pg_catalog.quote_ident(current_user)");
    }
}
