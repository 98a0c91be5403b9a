package io.sluice.sink.timescale;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table as TimescaleDB knows it.
 *
 * @param dimensions none for a plain table; the first is its time
 * @param policies the ages in seconds at which it compresses and drops chunks, by what does it
 * @param views the continuous aggregates in its schema
 */
record HypertableState(
        boolean empty, List<Dimension> dimensions, boolean compressed, Map<String, Long> policies, Set<String> views) {

    /** A table that was only just made. */
    static final HypertableState NEW = new HypertableState(true, List.of(), false, Map.of(), Set.of());

    static final String COMPRESSION = "policy_compression";
    static final String RETENTION = "policy_retention";

    private static final String DIMENSIONS =
            """
            SELECT column_name, coalesce(extract(epoch FROM time_interval), 0)::bigint, coalesce(num_partitions, 0)
            FROM timescaledb_information.dimensions
            WHERE hypertable_schema = ? AND hypertable_name = ?
            ORDER BY dimension_number
            """;

    private static final String COMPRESSED =
            """
            SELECT compression_enabled
            FROM timescaledb_information.hypertables
            WHERE hypertable_schema = ? AND hypertable_name = ?
            """;

    // An integer dimension has ages that are no intervals; such a table is not ours.
    private static final String POLICIES =
            """
            SELECT proc_name, extract(epoch FROM coalesce(config->>'drop_after', config->>'compress_after')::interval)::bigint
            FROM timescaledb_information.jobs
            WHERE hypertable_schema = ? AND hypertable_name = ?
              AND proc_name IN ('policy_compression', 'policy_retention')
              AND coalesce(config->>'drop_after', config->>'compress_after') ~ '[^0-9]'
            """;

    private static final String VIEWS =
            """
            SELECT view_name
            FROM timescaledb_information.continuous_aggregates
            WHERE view_schema = ? AND hypertable_schema = ? AND hypertable_name = ?
            """;

    HypertableState {
        dimensions = List.copyOf(dimensions);
        policies = Map.copyOf(policies);
        views = Set.copyOf(views);
    }

    /**
     * What rows are spread by.
     *
     * @param seconds what a chunk spans; 0 for a dimension that is not a time
     * @param partitions how many ways; 0 for one that is
     */
    record Dimension(String column, long seconds, int partitions) {}

    boolean isHypertable() {
        return !dimensions.isEmpty();
    }

    /** The table exists. */
    static HypertableState read(Connection connection, TargetTable table) throws SQLException {
        List<Dimension> dimensions = new ArrayList<>();
        ask(
                connection,
                DIMENSIONS,
                found -> dimensions.add(new Dimension(found.getString(1), found.getLong(2), found.getInt(3))),
                table.schema(),
                table.table());
        List<Boolean> compressed = new ArrayList<>();
        ask(connection, COMPRESSED, found -> compressed.add(found.getBoolean(1)), table.schema(), table.table());
        Map<String, Long> policies = new HashMap<>();
        ask(
                connection,
                POLICIES,
                found -> policies.put(found.getString(1), found.getLong(2)),
                table.schema(),
                table.table());
        Set<String> views = new HashSet<>();
        ask(connection, VIEWS, found -> views.add(found.getString(1)), table.schema(), table.schema(), table.table());
        return new HypertableState(isEmpty(connection, table), dimensions, compressed.contains(true), policies, views);
    }

    private static boolean isEmpty(Connection connection, TargetTable table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT 1 FROM " + Identifiers.qualified(table.schema(), table.table()) + " LIMIT 1")) {
            return !found.next();
        }
    }

    private interface Each {
        void found(ResultSet row) throws SQLException;
    }

    private static void ask(Connection connection, String sql, Each each, String... names) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < names.length; i++) {
                query.setString(i + 1, names[i]);
            }
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    each.found(found);
                }
            }
        }
    }
}
