package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The rights that whoever writes needs: to use the schemas of its tables, and on the rows of these. Nothing else. */
public final class TargetRights {

    private static final List<String> ON_ROWS = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

    // By names and not by a text that is looked up: looking up fails where the schema may not be used.
    private static final String LACKING =
            """
            SELECT 'USAGE ON SCHEMA ' || quote_ident(n.nspname)
            FROM pg_catalog.pg_namespace n WHERE n.nspname = ? AND NOT has_schema_privilege(?, n.oid, 'USAGE')
            UNION ALL
            SELECT (SELECT string_agg(r, ', ' ORDER BY place) FROM unnest(?::text[]) WITH ORDINALITY AS u(r, place)
                    WHERE NOT has_table_privilege(?, c.oid, r))
                   || ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
            """;

    private static final String GIVEABLE =
            """
            SELECT has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION')
                   AND (SELECT bool_and(has_table_privilege(c.oid, r || ' WITH GRANT OPTION')) FROM unnest(?::text[]) AS u(r))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
            """;

    private TargetRights() {}

    /** Grants what that role lacks; commits. A right that our own user can't give away is still lacking afterwards. */
    public static void grant(Connection connection, String role, Collection<TargetTable> tables) throws SQLException {
        Preparation.alone(connection, () -> {
            int granted = 0;
            try (Statement statement = connection.createStatement()) {
                for (TargetTable table : tables) {
                    for (String lacking : lacking(connection, role, table)) {
                        Savepoint before = connection.setSavepoint();
                        try {
                            statement.execute(statement(lacking, role));
                            granted++;
                        } catch (SQLException e) {
                            if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                                throw e;
                            }
                            connection.rollback(before);
                        }
                    }
                }
            }
            return granted;
        });
    }

    /** What that role lacks, each with the statement that gives it. */
    public static List<Finding> missing(Connection connection, String role, TargetTable table) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (String lacking : lacking(connection, role, table)) {
            findings.add(Finding.error(
                    "table " + table,
                    "the user that writes it, " + role + ", lacks " + lacking,
                    "Run: " + statement(lacking, role)));
        }
        return findings;
    }

    /** Every right that whoever writes this table needs, as statements. */
    public static List<String> all(String role, TargetTable table) {
        return List.of(
                statement("USAGE ON SCHEMA " + Identifiers.quoted(table.schema()), role),
                statement(
                        String.join(", ", ON_ROWS) + " ON " + Identifiers.qualified(table.schema(), table.table()),
                        role));
    }

    /** What {@link #grant} would give that role, and what our own user can't give away. */
    public static Preflight look(Connection connection, String role, TargetTable table) throws SQLException {
        List<String> lacking = lacking(connection, role, table);
        if (lacking.isEmpty()) {
            return Preflight.NONE;
        }
        return isOurs(connection, table)
                ? new Preflight(
                        List.of(),
                        List.of(new Creation(
                                Creation.Kind.GRANT,
                                "",
                                "rights of " + role + " on " + table,
                                "",
                                lacking.stream()
                                        .map(right -> statement(right, role))
                                        .toList())))
                : Preflight.found(missing(connection, role, table));
    }

    private static boolean isOurs(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(GIVEABLE)) {
            query.setArray(1, connection.createArrayOf("text", ON_ROWS.toArray()));
            query.setString(2, table.schema());
            query.setString(3, table.table());
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    private static String statement(String right, String role) {
        return "GRANT " + right + " TO " + Identifiers.quoted(role);
    }

    private static List<String> lacking(Connection connection, String role, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(LACKING)) {
            query.setString(1, table.schema());
            query.setString(2, role);
            query.setArray(3, connection.createArrayOf("text", ON_ROWS.toArray()));
            query.setString(4, role);
            query.setString(5, table.schema());
            query.setString(6, table.table());
            List<String> lacking = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    if (found.getString(1) != null) {
                        lacking.add(found.getString(1));
                    }
                }
            }
            return lacking;
        }
    }
}
