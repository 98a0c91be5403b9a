package io.sluice.sink.parking;

import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * {@code sluice.parked}, of one service of one pipeline on one Kafka cluster. Every method works inside the transaction that the
 * caller has begun on that connection; who changes it holds the claims on the partitions.
 */
final class ParkedTable {

    private static final String OURS = "p.pipeline = ? AND p.service = ? AND p.cluster_id = ?";
    private static final String AT =
            " AND p.topic_id = u.topic_id AND p.partition = u.partition AND p.record_offset = u.record_offset";
    private static final String PLACES =
            "unnest(?::text[], ?::int[], ?::bigint[]) AS u(topic_id, partition, record_offset)";
    private static final String RECORD =
            "p.topic, p.partition, p.record_offset, p.written_at, p.key, p.value, p.headers, p.state, p.code, p.problem, "
                    + "p.position";

    private final String pipeline;
    private final String service;
    private final String clusterId;

    /** Where a held record stands. */
    record Place(String topicId, int partition, long offset) {}

    /** What is known of a record without reading it. */
    interface Seen {
        void entry(ParkedKey key, ParkedIndex.Entry entry);
    }

    ParkedTable(String pipeline, String service, String clusterId) {
        this.pipeline = pipeline;
        this.service = service;
        this.clusterId = clusterId;
    }

    /** All records of these partitions, in their order. */
    void each(Connection connection, Collection<Claim> claims, Seen seen) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT p.topic, p.partition, p.record_offset, p.key, octet_length(p.key) + coalesce(octet_length(p.value), 0), "
                        + "p.state, p.relayed FROM sluice.parked p "
                        + "JOIN unnest(?::text[], ?::int[]) AS u(topic_id, partition) "
                        + "ON p.topic_id = u.topic_id AND p.partition = u.partition WHERE " + OURS
                        + " ORDER BY p.topic_id, p.partition, p.record_offset")) {
            List<Claim> of = List.copyOf(claims);
            query.setArray(1, texts(connection, of, Claim::topicId));
            query.setArray(
                    2, array(connection, "int4", of, claim -> claim.partition().partition()));
            bind(query, 3);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    seen.entry(
                            ParkedKey.of(new RowPartition(found.getString(1), found.getInt(2)), found.getBytes(4)),
                            new ParkedIndex.Entry(
                                    found.getLong(3),
                                    found.getInt(5),
                                    HoldState.of(found.getString(6)),
                                    found.getBoolean(7)));
                }
            }
        }
    }

    /** Those of these records that are held, in their order. */
    List<Held> read(Connection connection, List<Place> places) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT " + RECORD + " FROM sluice.parked p JOIN "
                + PLACES + " ON true" + AT + " WHERE " + OURS + " ORDER BY p.topic_id, p.partition, p.record_offset")) {
            bindPlaces(connection, query, places);
            bind(query, 4);
            return records(query);
        }
    }

    private static List<Held> records(PreparedStatement query) throws SQLException {
        List<Held> records = new ArrayList<>();
        try (ResultSet found = query.executeQuery()) {
            while (found.next()) {
                RowPartition partition = new RowPartition(found.getString(1), found.getInt(2));
                byte[] key = found.getBytes(5);
                byte @Nullable [] value = found.getBytes(6);
                records.add(new Held(
                        partition,
                        new ConsumerRecord<>(
                                partition.topic(),
                                partition.partition(),
                                found.getLong(3),
                                found.getLong(4),
                                TimestampType.LOG_APPEND_TIME,
                                key.length,
                                value == null ? -1 : value.length,
                                key,
                                value,
                                StoredHeaders.read(found.getBytes(7)),
                                Optional.empty()),
                        HoldState.of(found.getString(8)),
                        found.getString(9),
                        found.getString(10),
                        found.getString(11)));
            }
        }
        return records;
    }

    void insert(Connection connection, List<Held> held, Function<RowPartition, String> topicIds) throws SQLException {
        if (held.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.parked (pipeline, service, cluster_id, topic_id, partition, record_offset, topic, key, "
                        + "value, headers, written_at, state, code, problem, position) SELECT ?, ?, ?, u.* "
                        + "FROM unnest(?::text[], ?::int[], ?::bigint[], ?::text[], ?::bytea[], ?::bytea[], ?::bytea[], "
                        + "?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[]) AS u")) {
            bind(insert, 1);
            insert.setArray(4, texts(connection, held, each -> topicIds.apply(each.partition())));
            insert.setArray(
                    5, array(connection, "int4", held, each -> each.partition().partition()));
            insert.setArray(6, array(connection, "int8", held, Held::offset));
            insert.setArray(7, texts(connection, held, each -> each.partition().topic()));
            insert.setArray(8, bytes(connection, held, each -> each.record().key()));
            insert.setArray(9, bytes(connection, held, each -> each.record().value()));
            insert.setArray(
                    10,
                    bytes(
                            connection,
                            held,
                            each -> StoredHeaders.write(each.record().headers())));
            insert.setArray(
                    11, array(connection, "int8", held, each -> each.record().timestamp()));
            insert.setArray(12, texts(connection, held, each -> each.state().text()));
            insert.setArray(13, texts(connection, held, Held::code));
            insert.setArray(14, texts(connection, held, Held::problem));
            insert.setArray(15, texts(connection, held, Held::position));
            insert.executeUpdate();
        }
    }

    void delete(Connection connection, List<Place> places) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM sluice.parked p USING " + PLACES + " WHERE " + OURS + AT)) {
            bindPlaces(connection, delete, places);
            bind(delete, 4);
            delete.executeUpdate();
        }
    }

    /** A held record's new state, and why. */
    record Settled(Place place, HoldState state, String code, String problem) {}

    void settle(Connection connection, List<Settled> settled) throws SQLException {
        if (settled.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.parked p SET state = u.state, code = u.code, problem = u.problem "
                        + "FROM unnest(?::text[], ?::int[], ?::bigint[], ?::text[], ?::text[], ?::text[]) "
                        + "AS u(topic_id, partition, record_offset, state, code, problem) WHERE " + OURS + AT)) {
            bindPlaces(connection, update, settled.stream().map(Settled::place).toList());
            update.setArray(4, texts(connection, settled, each -> each.state().text()));
            update.setArray(5, texts(connection, settled, Settled::code));
            update.setArray(6, texts(connection, settled, Settled::problem));
            bind(update, 7);
            update.executeUpdate();
        }
    }

    void relayed(Connection connection, List<Place> places) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.parked p SET relayed = true FROM " + PLACES + " WHERE " + OURS + AT)) {
            bindPlaces(connection, update, places);
            bind(update, 4);
            update.executeUpdate();
        }
    }

    /** Notes which request was in vain for these. */
    void asked(Connection connection, List<Place> places, String request) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.parked p SET asked = ? FROM " + PLACES + " WHERE " + OURS + AT)) {
            update.setString(1, request);
            update.setArray(2, texts(connection, places, Place::topicId));
            update.setArray(3, array(connection, "int4", places, Place::partition));
            update.setArray(4, array(connection, "int8", places, Place::offset));
            bind(update, 5);
            update.executeUpdate();
        }
    }

    private void bind(PreparedStatement statement, int from) throws SQLException {
        statement.setString(from, pipeline);
        statement.setString(from + 1, service);
        statement.setString(from + 2, clusterId);
    }

    private static void bindPlaces(Connection connection, PreparedStatement statement, List<Place> places)
            throws SQLException {
        statement.setArray(1, texts(connection, places, Place::topicId));
        statement.setArray(2, array(connection, "int4", places, Place::partition));
        statement.setArray(3, array(connection, "int8", places, Place::offset));
    }

    private static <T> Array texts(Connection connection, List<T> of, Function<T, String> text) throws SQLException {
        return array(connection, "text", of, text);
    }

    private static <T> Array bytes(Connection connection, List<T> of, Function<T, byte @Nullable []> content)
            throws SQLException {
        byte[][] all = new byte[of.size()][];
        for (int i = 0; i < all.length; i++) {
            all[i] = content.apply(of.get(i));
        }
        return connection.createArrayOf("bytea", all);
    }

    private static <T, V> Array array(Connection connection, String type, List<T> of, Function<T, V> value)
            throws SQLException {
        return connection.createArrayOf(type, of.stream().map(value).toArray());
    }
}
