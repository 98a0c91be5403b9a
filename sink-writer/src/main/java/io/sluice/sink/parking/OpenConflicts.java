package io.sluice.sink.parking;

import io.sluice.sink.batch.RowPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Reads from a target what waits there for a decision; for people, so it changes nothing. */
public final class OpenConflicts {

    // The id of a key's schema, which stands before the key, may differ where the key is the same.
    private static final String READ =
            """
            SELECT c.topic, c.partition, c.position, c.problem, c.asked,
                   (extract(epoch FROM c.parked_at) * 1000)::bigint, coalesce(b.behind, 0),
                   c.record_offset, c.written_at, c.key, c.value, c.headers,
                   l.record_offset, l.written_at, l.key, l.value, l.headers
            FROM sluice.parked c
            LEFT JOIN (
                SELECT f.pipeline, f.service, f.cluster_id, f.topic_id, f.partition, substring(f.key FROM 6) AS key,
                       count(*) AS behind, max(f.record_offset) AS latest
                FROM sluice.parked f WHERE f.state = 'following' GROUP BY 1, 2, 3, 4, 5, 6) AS b
                ON (b.pipeline, b.service, b.cluster_id, b.topic_id, b.partition, b.key)
                   = (c.pipeline, c.service, c.cluster_id, c.topic_id, c.partition, substring(c.key FROM 6))
            LEFT JOIN sluice.parked l
                ON (l.pipeline, l.service, l.cluster_id, l.topic_id, l.partition, l.record_offset)
                   = (c.pipeline, c.service, c.cluster_id, c.topic_id, c.partition, b.latest)
            WHERE c.pipeline = ? AND c.service = ? AND c.state = 'conflict'
            ORDER BY c.topic, c.partition, c.record_offset LIMIT ?
            """;

    private final String pipeline;
    private final String service;

    public OpenConflicts(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /** So many of them at most; none where the target was never prepared. */
    public List<OpenConflict> read(Connection connection, int most) throws SQLException {
        List<OpenConflict> conflicts = new ArrayList<>();
        if (!isPrepared(connection)) {
            return conflicts;
        }
        try (PreparedStatement query = connection.prepareStatement(READ)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setInt(3, most);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    conflicts.add(conflict(found));
                }
            }
        }
        return conflicts;
    }

    private static boolean isPrepared(Connection connection) throws SQLException {
        try (Statement ask = connection.createStatement();
                ResultSet there = ask.executeQuery("SELECT to_regclass('sluice.parked') IS NOT NULL")) {
            return there.next() && there.getBoolean(1);
        }
    }

    private static OpenConflict conflict(ResultSet found) throws SQLException {
        RowPartition partition = new RowPartition(found.getString(1), found.getInt(2));
        List<ConsumerRecord<byte[], byte @Nullable []>> records = new ArrayList<>();
        records.add(record(partition, found, 8));
        int behind = found.getInt(7);
        if (behind > 0) {
            records.add(record(partition, found, 13));
        }
        return new OpenConflict(
                partition,
                records,
                found.getString(3),
                found.getString(4),
                behind,
                found.getString(5),
                found.getLong(6));
    }

    private static ConsumerRecord<byte[], byte @Nullable []> record(RowPartition partition, ResultSet found, int from)
            throws SQLException {
        byte[] key = found.getBytes(from + 2);
        byte @Nullable [] value = found.getBytes(from + 3);
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                found.getLong(from),
                found.getLong(from + 1),
                TimestampType.LOG_APPEND_TIME,
                key.length,
                value == null ? -1 : value.length,
                key,
                value,
                StoredHeaders.read(found.getBytes(from + 4)),
                Optional.empty());
    }
}
