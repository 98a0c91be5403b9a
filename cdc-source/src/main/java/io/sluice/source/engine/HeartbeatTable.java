package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The way round for a user who may not write messages into the log: a table with a row for each slot. It is in a publication of
 * ours, or its transactions would not be sent; its changes go nowhere, for no service reads it.
 */
final class HeartbeatTable {

    static final String SCHEMA = "sluice_source";
    static final String TABLE = "heartbeat";

    static final String NAME = Identifiers.qualified(SCHEMA, TABLE);

    /** The one for texts. Its last argument came later than the oldest version that we can read. */
    private static final String EMIT = " FROM pg_catalog.pg_proc p WHERE p.proname = 'pg_logical_emit_message'"
            + " AND p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace"
            + " AND p.proargtypes[2] = 'pg_catalog.text'::pg_catalog.regtype";

    private static final String MAY_MAKE_SCHEMA =
            "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')";

    private final String slot;
    private final List<String> publications;

    static HeartbeatTable of(SourceContext context) {
        return new HeartbeatTable(
                context.slotName(), List.copyOf(context.tables().publications().keySet()));
    }

    /** @param publications those that the slot is read through */
    private HeartbeatTable(String slot, List<String> publications) {
        this.slot = slot;
        this.publications = List.copyOf(publications);
    }

    /** Whether our user may not write messages. */
    static boolean isNeeded(Connection connection) throws SQLException {
        return !Sql.isTrue(connection, "SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')" + EMIT);
    }

    /** Whether our user can do without an administrator. */
    boolean isWithinReach(Connection connection) throws SQLException {
        for (String each : missing(connection)) {
            boolean may = each.startsWith("ALTER PUBLICATION")
                    ? Sql.isTrue(
                            connection,
                            "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = "
                                    + Identifiers.literal(publications.get(0))
                                    + " AND NOT pg_catalog.pg_has_role(pubowner, 'USAGE'))")
                    : Sql.isTrue(connection, each.startsWith("CREATE SCHEMA") ? MAY_MAKE_SCHEMA : mayMakeTable());
            if (!may) {
                return false;
            }
        }
        return isAbsent(connection) || Sql.isTrue(connection, mayWrite());
    }

    private static boolean isAbsent(Connection connection) throws SQLException {
        return Sql.isTrue(connection, "SELECT pg_catalog.to_regclass(" + literal() + ") IS NULL");
    }

    /** The statements that would make it ready, without those that were run already. */
    List<String> missing(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        if (Sql.isTrue(connection, "SELECT pg_catalog.to_regnamespace(" + Identifiers.literal(SCHEMA) + ") IS NULL")) {
            statements.add("CREATE SCHEMA " + Identifiers.quoted(SCHEMA));
        }
        if (isAbsent(connection)) {
            statements.add("CREATE TABLE " + NAME + " (slot text PRIMARY KEY, beats bigint NOT NULL)");
        }
        if (!isPublished(connection)) {
            statements.add("ALTER PUBLICATION " + Identifiers.quoted(publications.get(0)) + " ADD TABLE ONLY " + NAME);
        }
        return statements;
    }

    /** What an administrator has to run: that which asks least of the server, then the way round. */
    String remedy(Connection connection) throws SQLException {
        String user = Sql.user(connection);
        return "GRANT EXECUTE ON FUNCTION pg_catalog." + signature(connection) + " TO " + user
                + "; or where that is unwanted: " + String.join("; ", toGrant(connection, user)) + ";";
    }

    private static String signature(Connection connection) throws SQLException {
        return Sql.text(
                connection, "SELECT p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')'" + EMIT);
    }

    private List<String> toGrant(Connection connection, String user) throws SQLException {
        List<String> statements = new ArrayList<>(missing(connection));
        statements.add("GRANT USAGE ON SCHEMA " + Identifiers.quoted(SCHEMA) + " TO " + user);
        statements.add("GRANT SELECT, INSERT, UPDATE ON " + NAME + " TO " + user);
        return statements;
    }

    private static String mayMakeTable() {
        return "SELECT CASE WHEN pg_catalog.to_regnamespace(" + Identifiers.literal(SCHEMA) + ") IS NULL THEN true"
                + " ELSE pg_catalog.has_schema_privilege(" + Identifiers.literal(SCHEMA) + ", 'CREATE') END";
    }

    private static String mayWrite() {
        return "SELECT pg_catalog.has_schema_privilege(" + Identifiers.literal(SCHEMA) + ", 'USAGE')"
                + " AND pg_catalog.has_table_privilege(" + literal() + ", 'SELECT') AND pg_catalog.has_table_privilege("
                + literal() + ", 'INSERT') AND pg_catalog.has_table_privilege(" + literal() + ", 'UPDATE')";
    }

    private static String literal() {
        return Identifiers.literal(NAME);
    }

    private boolean isPublished(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_tables WHERE schemaname = ? AND tablename = ?"
                        + " AND pubname = ANY (?))")) {
            query.setString(1, SCHEMA);
            query.setString(2, TABLE);
            query.setArray(3, connection.createArrayOf("text", publications.toArray()));
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    /** Makes what is missing, as far as our user may. */
    void prepare(Connection connection) throws SQLException {
        for (String each : missing(connection)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(each);
            }
        }
    }

    void beat(Connection connection) throws SQLException {
        try (PreparedStatement beat = connection.prepareStatement("INSERT INTO " + NAME + " AS h (slot, beats)"
                + " VALUES (?, 1) ON CONFLICT (slot) DO UPDATE SET beats = h.beats + 1")) {
            beat.setString(1, slot);
            beat.executeUpdate();
        }
    }
}
