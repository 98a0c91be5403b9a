package io.sluice.sink.sql;

import io.sluice.platform.postgres.WiderType;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the tables that keep keys of a target table, those that loads have seen and those that source tables have, follow it where its
 * key becomes wider: what the one takes, the others must.
 *
 * @param ours whether our user may do that
 */
record SeenKeys(List<String> statements, boolean ours) {

    private static final String FIND =
            """
            SELECT t.name, k.place, pg_has_role(c.relowner, 'USAGE')
            FROM (SELECT 'sluice.seen_' || number, target_schema, target_table, key_columns FROM sluice.seen
                  UNION ALL
                  SELECT 'sluice.holders_' || number, target_schema, target_table, key_columns FROM sluice.shared)
                 AS t(name, target_schema, target_table, key_columns)
            CROSS JOIN LATERAL unnest(t.key_columns) WITH ORDINALITY AS k(name, place)
            JOIN pg_catalog.pg_class c ON c.oid = to_regclass(t.name)
            WHERE t.target_schema = ? AND t.target_table = ? AND k.name = ?
            ORDER BY t.name, k.place
            """;

    SeenKeys {
        statements = List.copyOf(statements);
    }

    /** @param wider the columns of the key that become wider */
    static SeenKeys follow(Connection connection, TargetTable table, Map<String, WiderType> wider) throws SQLException {
        List<String> statements = new ArrayList<>();
        boolean ours = true;
        if (wider.isEmpty() || !isKept(connection)) {
            return new SeenKeys(statements, true);
        }
        for (Map.Entry<String, WiderType> each : wider.entrySet()) {
            try (PreparedStatement query = connection.prepareStatement(FIND)) {
                query.setString(1, table.schema());
                query.setString(2, table.table());
                query.setString(3, each.getKey());
                try (ResultSet found = query.executeQuery()) {
                    while (found.next()) {
                        statements.add("ALTER TABLE " + found.getString(1) + " ALTER COLUMN k" + found.getInt(2)
                                + " TYPE " + each.getValue().declared());
                        ours &= found.getBoolean(3);
                    }
                }
            }
        }
        return new SeenKeys(statements, ours);
    }

    private static boolean isKept(Connection connection) throws SQLException {
        try (Statement ask = connection.createStatement();
                ResultSet there = ask.executeQuery(
                        "SELECT to_regclass('sluice.seen') IS NOT NULL AND to_regclass('sluice.shared') IS NOT NULL")) {
            return there.next() && there.getBoolean(1);
        }
    }
}
