package io.sluice.app.wiring;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a service's sinks hold, as its target tells. */
public final class HeldRows {

    private static final String HELD = "SELECT p.topic, p.partition, p.record_offset, "
            + "encode(sha256(substring(p.key FROM 6)), 'hex'), p.state, p.code, p.problem, p.asked, "
            + "(extract(epoch FROM p.parked_at) * 1000)::bigint FROM sluice.parked p "
            + "WHERE p.pipeline = ? AND p.service = ? ORDER BY p.topic, p.partition, p.record_offset LIMIT ?";

    private final String pipeline;
    private final String service;
    private final PostgresConnector target;

    /** Where a record stands. */
    record Place(String topic, int partition, long offset) {}

    /**
     * A key whose records are held.
     *
     * @param name tells it from other keys, and not what it is
     */
    public record Key(String topic, int partition, String name) {}

    /**
     * A held record.
     *
     * @param key tells it from other keys, and not what it is
     * @param asked the last request that was in vain for it
     */
    public record Row(
            String topic,
            int partition,
            long offset,
            String key,
            String state,
            String code,
            String problem,
            @Nullable String asked,
            long heldAtMillis) {

        Place place() {
            return new Place(topic, partition, offset);
        }

        /** Whether it waits for a person to decide, and is no letter's. */
        public boolean isInConflict() {
            return state.equals("conflict") || state.equals("following");
        }

        public Key ofKey() {
            return new Key(topic, partition, key);
        }
    }

    public HeldRows(Pipeline pipeline, ServiceSpec service) {
        this.pipeline = pipeline.name();
        this.service = service.name();
        this.target = PostgresConnector.of(service.target().connection(), "sluice-letters-" + pipeline.name());
    }

    public List<Row> all(int most) {
        List<Row> rows = new ArrayList<>();
        try (Connection connection = target.open();
                PreparedStatement query = connection.prepareStatement(HELD)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setInt(3, most);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    rows.add(new Row(
                            found.getString(1),
                            found.getInt(2),
                            found.getLong(3),
                            found.getString(4),
                            found.getString(5),
                            found.getString(6),
                            found.getString(7),
                            found.getString(8),
                            found.getLong(9)));
                }
            }
        } catch (SQLException e) {
            throw target.unreachable(e);
        }
        return rows;
    }
}
