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
    // All of it as one join: of `p.pipeline = ?` alone a server that has not looked at the table yet expects next to no
    // row, and
    // would go through all places for each of the many.
    private static final String AT = "(p.pipeline, p.service, p.cluster_id, p.topic_id, p.partition, p.record_offset) "
            + "= (u.pipeline, u.service, u.cluster_id, u.topic_id, u.partition, u.record_offset)";
    private static final String PLACES = places("", "");
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

    /** @param more arrays behind those that make the places, and the names of their columns */
    private static String places(String more, String columns) {
        return "(SELECT ?::text AS pipeline, ?::text AS service, ?::text AS cluster_id, v.* FROM "
                + "unnest(?::text[], ?::int[], ?::bigint[]" + more + ") AS v(topic_id, partition, record_offset"
                + columns
                + ") OFFSET 0) AS u";
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
                + PLACES + " ON " + AT + " ORDER BY p.topic_id, p.partition, p.record_offset")) {
            bindPlaces(connection, query, 1, places);
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
                connection.prepareStatement("DELETE FROM sluice.parked p USING " + PLACES + " WHERE " + AT)) {
            bindPlaces(connection, delete, 1, places);
            delete.executeUpdate();
        }
    }

    /** A held record's new state, and why. */
    record Settled(Place place, HoldReason why) {}

    void settle(Connection connection, List<Settled> settled) throws SQLException {
        if (settled.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.parked p SET state = u.state, code = u.code, problem = u.problem "
                        + "FROM " + places(", ?::text[], ?::text[], ?::text[]", ", state, code, problem") + " WHERE "
                        + AT)) {
            bindPlaces(
                    connection, update, 1, settled.stream().map(Settled::place).toList());
            update.setArray(
                    7, texts(connection, settled, each -> each.why().state().text()));
            update.setArray(8, texts(connection, settled, each -> each.why().code()));
            update.setArray(9, texts(connection, settled, each -> each.why().problem()));
            update.executeUpdate();
        }
    }

    void relayed(Connection connection, List<Place> places) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.parked p SET relayed = true FROM " + PLACES + " WHERE " + AT)) {
            bindPlaces(connection, update, 1, places);
            update.executeUpdate();
        }
    }

    /** Notes which request was in vain for these. */
    void asked(Connection connection, List<Place> places, String request) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.parked p SET asked = ? FROM " + PLACES + " WHERE " + AT)) {
            update.setString(1, request);
            bindPlaces(connection, update, 2, places);
            update.executeUpdate();
        }
    }

    private void bind(PreparedStatement statement, int from) throws SQLException {
        statement.setString(from, pipeline);
        statement.setString(from + 1, service);
        statement.setString(from + 2, clusterId);
    }

    private void bindPlaces(Connection connection, PreparedStatement statement, int from, List<Place> places)
            throws SQLException {
        bind(statement, from);
        statement.setArray(from + 3, texts(connection, places, Place::topicId));
        statement.setArray(from + 4, array(connection, "int4", places, Place::partition));
        statement.setArray(from + 5, array(connection, "int8", places, Place::offset));
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
