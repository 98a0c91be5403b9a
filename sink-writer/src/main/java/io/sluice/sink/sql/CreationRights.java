package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Whether our user may make what is missing in a target. */
public final class CreationRights {

    private static final String SCHEMA =
            """
            SELECT has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'), quote_ident(current_user)
            FROM pg_catalog.pg_namespace n WHERE n.nspname = ?
            """;

    private static final String DATABASE =
            """
            SELECT has_database_privilege(current_database(), 'CREATE'), quote_ident(current_user),
                   quote_ident(current_database()) WHERE ? <> ''
            """;

    private CreationRights() {}

    /** What keeps our user from making tables in that schema, or the schema itself where there is none. */
    public static List<Finding> lacking(Connection connection, String schema) throws SQLException {
        boolean exists = TargetTables.schemaExists(connection, schema);
        try (PreparedStatement query = connection.prepareStatement(exists ? SCHEMA : DATABASE)) {
            query.setString(1, schema);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next() || found.getBoolean(1)) {
                    return List.of();
                }
                String grant = exists
                        ? "GRANT USAGE, CREATE ON SCHEMA " + Identifiers.quoted(schema) + " TO " + found.getString(2)
                        : "GRANT CREATE ON DATABASE " + found.getString(3) + " TO " + found.getString(2);
                return List.of(Finding.error(
                        "schema " + schema,
                        "our user may not create " + (exists ? "tables in it" : "it"),
                        "Run: " + grant + "; or name the URL of a user who may under the target's `admin:`."));
            }
        }
    }
}
