package io.sluice.app.wiring;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** What a target says of how far its service is. */
final class TargetLook {

    private static final String POSITIONS = "SELECT a.partition, a.position FROM sluice.applied a "
            + "WHERE a.pipeline = ? AND a.service = ? AND a.topic = ?";
    private static final String HELD = "SELECT p.topic, count(DISTINCT (p.partition, p.key)) FROM sluice.parked p "
            + "WHERE p.pipeline = ? AND p.service = ? AND p.state <> 'discarded' GROUP BY p.topic";
    private static final String LOADING = "SELECT count(*) FROM sluice.load l "
            + "WHERE l.pipeline = ? AND l.service = ? AND l.state IN ('recording', 'sweeping')";

    private final Pipeline pipeline;
    private final ServiceSpec service;
    private final PostgresConnector connector;

    TargetLook(Pipeline pipeline, ServiceSpec service) {
        this.pipeline = pipeline;
        this.service = service;
        this.connector = PostgresConnector.of(service.target().connection(), "sluice-status-" + pipeline.name());
    }

    /** The next offset of each partition, whatever loads are under way. */
    Map<Integer, Long> positions(String topic) {
        Map<Integer, Long> positions = new HashMap<>();
        try (Connection connection = connector.open();
                PreparedStatement query = connection.prepareStatement(POSITIONS)) {
            query.setString(1, pipeline.name());
            query.setString(2, service.name());
            query.setString(3, topic);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    positions.put(rows.getInt(1), rows.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        return positions;
    }

    /** Keys whose rows wait or were refused, by row topic. */
    Map<String, Long> heldKeys() {
        Map<String, Long> held = new HashMap<>();
        try (Connection connection = connector.open();
                PreparedStatement query = connection.prepareStatement(HELD)) {
            query.setString(1, pipeline.name());
            query.setString(2, service.name());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    held.put(rows.getString(1), rows.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        return held;
    }

    /** Whether rows are still to be swept, or to be seen by a load. */
    boolean isLoading() {
        try (Connection connection = connector.open();
                PreparedStatement query = connection.prepareStatement(LOADING)) {
            query.setString(1, pipeline.name());
            query.setString(2, service.name());
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getLong(1) > 0;
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }
}
