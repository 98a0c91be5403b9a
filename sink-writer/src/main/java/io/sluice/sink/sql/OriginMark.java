package io.sluice.sink.sql;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Marks all that a session writes with a replication origin of the service's, so that a stream in the other direction can leave it
 * out. An origin serves one session at a time; so the service has as many as it has had sinks at once.
 */
public final class OriginMark {

    private static final String IN_USE = "55006";
    private static final int MOST = 64;

    // Only these: a writer that may reset or advance origins could do harm.
    private static final List<String> FUNCTIONS = List.of(
            "pg_replication_origin_oid",
            "pg_replication_origin_create",
            "pg_replication_origin_session_setup",
            "pg_replication_origin_session_is_setup");

    private static final String LACKING =
            """
            SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (?)
              AND NOT has_function_privilege(p.oid, 'EXECUTE')
            ORDER BY 1
            """;

    private final String prefix;

    public OriginMark(String pipeline, String service) {
        this.prefix = "sluice_" + pipeline + "_" + service + "_";
    }

    /** What a role needs for it, as statements for a superuser. */
    public static List<String> grants(String role) {
        return FUNCTIONS.stream()
                .map(function -> "GRANT EXECUTE ON FUNCTION pg_catalog." + function
                        + (function.endsWith("is_setup") ? "()" : "(text)") + " TO " + Identifiers.quoted(role))
                .toList();
    }

    /** Which rights our user lacks for it. */
    public static List<Finding> unsuitable(Connection connection, String place) throws SQLException {
        List<String> lacking = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(LACKING)) {
            query.setArray(1, connection.createArrayOf("text", FUNCTIONS.toArray()));
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    lacking.add(found.getString(1));
                }
            }
        }
        return lacking.isEmpty()
                ? List.of()
                : List.of(Finding.error(
                        place,
                        "our user may not mark what it writes with a replication origin",
                        "As a superuser run: GRANT EXECUTE ON FUNCTION " + String.join(", ", lacking)
                                + " TO that user; or leave `mark-origin:` out."));
    }

    /**
     * Marks all that this session will write; commits.
     *
     * @param connection without autocommit, and outside a transaction
     */
    public void begin(Connection connection) throws SQLException {
        for (int number = 1; number <= MOST; number++) {
            if (take(connection, prefix + number)) {
                return;
            }
        }
        throw new EnvironmentException(
                "ORIGIN_TAKEN",
                "all " + MOST + " replication origins of the service are in use",
                prefix + "…",
                "Some sinks too many run, or sessions of dead ones are still open: look into pg_stat_activity.",
                null);
    }

    private static boolean take(Connection connection, String name) throws SQLException {
        try {
            run(
                    connection,
                    "SELECT pg_replication_origin_create(?) WHERE pg_replication_origin_oid(?) IS NULL",
                    name,
                    name);
            run(connection, "SELECT pg_replication_origin_session_setup(?)", name);
            connection.commit();
            return true;
        } catch (SQLException e) {
            connection.rollback();
            // Somebody has it, or is making it just now.
            if (IN_USE.equals(e.getSQLState()) || SqlErrors.reaction(e) == SqlErrors.Reaction.ORDER) {
                return false;
            }
            throw e;
        }
    }

    private static void run(Connection connection, String sql, String... names) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < names.length; i++) {
                statement.setString(i + 1, names[i]);
            }
            statement.execute();
        }
    }

    /** What the first statement of each transaction asks: a pooler may have given us another session. */
    public static String question() {
        return "pg_replication_origin_session_is_setup()";
    }

    /** Whatever is written unmarked would come back by the other direction. */
    public static EnvironmentException lost(String address) {
        return new EnvironmentException(
                "ORIGIN_LOST",
                "the session is not the one that was marked with a replication origin",
                address,
                "With `mark-origin:` connect to the server itself, or through a pooler in session mode.",
                null);
    }
}
