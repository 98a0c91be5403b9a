package io.sluice.sink.ledger;

import io.sluice.schemas.codec.LoadMarker;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which source tables a strong service is reading: until they are read, and what they did not show is swept, its target tables are
 * of different times. Every method works inside the transaction that the caller has begun on that connection.
 */
public final class LoadingLedger {

    private static final String OF = "pipeline = ? AND service = ? AND cluster_id = ? AND topic_id = ?";

    private static final String LOADING = "SELECT source FROM sluice.loading WHERE " + OF
            + " UNION SELECT source FROM sluice.load WHERE " + OF + " AND state IN ('recording', 'sweeping')";

    private final String pipeline;
    private final String service;
    private final String clusterId;
    private final String topicId;

    public LoadingLedger(String pipeline, String service, String clusterId, String topicId) {
        this.pipeline = pipeline;
        this.service = service;
        this.clusterId = clusterId;
        this.topicId = topicId;
    }

    /** Notes what these say, in their order. A load that begins takes the place of one of the same table that has not ended. */
    public void note(Connection connection, Collection<LoadMarker> markers) throws SQLException {
        for (LoadMarker marker : markers) {
            boolean begins = marker.kind() == LoadMarker.Kind.BEGIN;
            try (PreparedStatement statement = connection.prepareStatement(
                    begins
                            ? "INSERT INTO sluice.loading (pipeline, service, cluster_id, topic_id, source, load) "
                                    + "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, cluster_id, topic_id, source) "
                                    + "DO UPDATE SET load = EXCLUDED.load, begun_at = now()"
                            : "DELETE FROM sluice.loading WHERE " + OF + " AND source = ? AND load = ?")) {
                bind(statement, 1);
                statement.setString(5, marker.table().toString());
                statement.setString(6, marker.load());
                statement.executeUpdate();
            }
        }
    }

    /** The source tables that are being read, or swept after. */
    public Set<String> loading(Connection connection) throws SQLException {
        Set<String> loading = new TreeSet<>();
        try (PreparedStatement query = connection.prepareStatement(LOADING)) {
            bind(query, 1);
            bind(query, 5);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    loading.add(found.getString(1));
                }
            }
        }
        return loading;
    }

    private void bind(PreparedStatement statement, int from) throws SQLException {
        statement.setString(from, pipeline);
        statement.setString(from + 1, service);
        statement.setString(from + 2, clusterId);
        statement.setString(from + 3, topicId);
    }
}
