package io.sluice.platform.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The settings on which the text form of values depends. Every session whose values go through {@link RowTextDecoder} has
 * these, a replication session too, or one value would have two forms.
 */
public final class SessionSettings {

    /** One statement: a replication session takes a list of statements only in this form. */
    private static final String STATEMENTS = String.join(
            ";",
            "SET DateStyle TO 'ISO, MDY'",
            "SET IntervalStyle TO 'postgres'",
            "SET TimeZone TO 'UTC'",
            "SET extra_float_digits TO 1",
            "SET bytea_output TO 'hex'",
            "SET xmlbinary TO 'base64'",
            "SET lc_monetary TO 'C'",
            // So that format_type names every type with its schema, and no one's function takes the place of a built-in
            // one.
            "SET search_path TO ''",
            // A policy that hides rows must fail the statement instead of thinning its result.
            "SET row_security TO off",
            "SET statement_timeout TO 0",
            "SET idle_in_transaction_session_timeout TO 0");

    private SessionSettings() {}

    /** Gives this session those settings, until it ends. */
    public static void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(STATEMENTS);
        }
    }
}
