package io.sluice.sink.ledger;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Loads;
import io.sluice.sink.batch.RowPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The loads of one service of one pipeline on one Kafka cluster, as its row partitions have seen them. Every method works inside
 * the transaction that the caller has begun on that connection.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A load that is met for the first time is later than all that are known of its table. For whoever meets it has met, in
 *       the same change partition and in an earlier transaction or earlier in this one, every load before it.
 *   <li>Whoever writes rows of a table while a load of it has begun in its partition holds {@link SeenTable#share} to the end of
 *       its transaction; whoever sweeps holds {@link SeenTable#seize}. A sweep's statement is begun with that lock held, so it
 *       sees the rows and the keys of every writer before it, and there is no other.
 * </ul>
 */
public final class LoadLedger {

    private static final String OPEN = "l.state IN ('recording', 'sweeping')";

    private final String pipeline;
    private final String service;
    private final String clusterId;

    LoadLedger(String pipeline, String service, String clusterId) {
        this.pipeline = pipeline;
        this.service = service;
        this.clusterId = clusterId;
    }

    /** The same claims, knowing what has begun in their partitions. */
    List<Claim> knownTo(Connection connection, List<Claim> claims) throws SQLException {
        Map<String, Map<Integer, Map<Begun.Load, Set<Integer>>>> begun = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT l.topic_id, m.partition, l.load, m.change_partition, s.target_schema, s.target_table, l.source "
                        + "FROM sluice.load l JOIN sluice.load_mark m ON m.load = l.number "
                        + "JOIN sluice.seen s ON s.number = l.seen "
                        + "WHERE l.pipeline = ? AND l.service = ? AND l.cluster_id = ? AND " + OPEN)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, clusterId);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    begun.computeIfAbsent(found.getString(1), topic -> new HashMap<>())
                            .computeIfAbsent(found.getInt(2), partition -> new HashMap<>())
                            .computeIfAbsent(
                                    new Begun.Load(
                                            new TargetTable(found.getString(5), found.getString(6)),
                                            found.getString(7),
                                            found.getString(3)),
                                    load -> new HashSet<>())
                            .add(found.getInt(4));
                }
            }
        }
        List<Claim> knowing = new ArrayList<>(claims.size());
        for (Claim claim : claims) {
            Map<Begun.Load, Set<Integer>> of = begun.getOrDefault(claim.topicId(), Map.of())
                    .getOrDefault(claim.partition().partition(), Map.of());
            knowing.add(of.isEmpty() ? claim : claim.knowing(new Begun(of)));
        }
        return knowing;
    }

    /**
     * What is known of the loads that one table's row topic brings. Such a topic may bring those of others, too.
     *
     * @param sources the source tables, as {@link io.sluice.schemas.model.TableId} writes them, where there are several: the loads
     *     of one say nothing about the rows of another
     */
    public record Topic(TargetTable table, String topicId, int partitions, Set<String> sources) {

        public Topic {
            sources = Set.copyOf(sources);
        }

        /** Of a table with one source. */
        public Topic(TargetTable table, String topicId, int partitions) {
            this(table, topicId, partitions, Set.of());
        }
    }

    /** A load that is open, whose keys are to be noted. */
    public record Open(SeenTable seen, long number) {}

    /**
     * Enters what a batch tells of one table's loads, before its rows are written.
     *
     * @return all that are open then, also those that the batch says nothing of
     */
    public Map<Begun.Load, Open> enter(Connection connection, Topic topic, Collection<Loads.Marked> markers)
            throws SQLException {
        SeenTable table =
                SeenTable.find(connection, pipeline, service, topic.table()).orElseThrow(() -> missing(topic.table()));
        table.share(connection);
        Set<Begun.Load> begun = new HashSet<>();
        for (Loads.Marked marked : markers) {
            Begun.Load load = marked.load();
            if (marked.marker().kind() == LoadMarker.Kind.BEGIN && begun.add(load)) {
                begin(connection, topic, table, marked.marker());
            } else if (marked.marker().kind() == LoadMarker.Kind.END
                    && !marked.marker().sweep()) {
                giveUp(connection, topic, table, load);
            }
        }
        Map<Begun.Load, Open> open = open(connection, topic, table);
        for (Loads.Marked marked : markers) {
            Open load = open.get(marked.load());
            if (load != null) {
                mark(connection, load.number(), marked.partition(), marked.marker());
            }
        }
        return open;
    }

    private static HaltException missing(TargetTable table) {
        return new HaltException(
                "LEDGER_MISSING",
                "a load of the table has begun, and there is no place to note the keys that it sees",
                "table " + table,
                "Start the pipeline with `run`, which prepares its targets, under a user that may create tables in schema sluice.");
    }

    private void begin(Connection connection, Topic topic, SeenTable seen, LoadMarker marker) throws SQLException {
        LoadMarker.Passed passed = marker.passed();
        if (passed == null) {
            throw new IllegalArgumentException("a marker in a row topic has come from somewhere");
        }
        long number;
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.load (pipeline, service, cluster_id, topic_id, load, source, seen, marks) "
                        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number")) {
            insert.setString(1, pipeline);
            insert.setString(2, service);
            insert.setString(3, clusterId);
            insert.setString(4, topic.topicId());
            insert.setString(5, marker.load());
            insert.setString(6, marker.table().toString());
            insert.setInt(7, seen.number());
            insert.setInt(8, Math.multiplyExact(topic.partitions(), passed.partitions()));
            try (ResultSet inserted = insert.executeQuery()) {
                if (!inserted.next()) {
                    return;
                }
                number = inserted.getLong(1);
            }
        }
        // Those of the other sources go on; one of a table that is no source any more does not.
        List<String> others = new ArrayList<>(topic.sources());
        others.remove(marker.table().toString());
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.load l SET state = 'emptying', superseded = true, "
                        + "reached = NULL WHERE l.seen = ? AND l.number < ? AND l.source <> ALL (?) AND " + OPEN)) {
            update.setInt(1, seen.number());
            update.setLong(2, number);
            update.setArray(3, connection.createArrayOf("text", others.toArray()));
            update.executeUpdate();
        }
    }

    /** Its source will not read it to its end: nothing follows from what it did not see, and no key need be noted any more. */
    private void giveUp(Connection connection, Topic topic, SeenTable seen, Begun.Load load) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.load l SET state = 'emptying', superseded = true, reached = NULL WHERE l.pipeline = ? "
                        + "AND l.service = ? AND l.cluster_id = ? AND l.topic_id = ? AND l.load = ? "
                        + "AND l.seen = ? AND l.source = ? AND l.state = 'recording'")) {
            update.setString(1, pipeline);
            update.setString(2, service);
            update.setString(3, clusterId);
            update.setString(4, topic.topicId());
            update.setString(5, load.name());
            update.setInt(6, seen.number());
            update.setString(7, load.source());
            update.executeUpdate();
        }
    }

    private Map<Begun.Load, Open> open(Connection connection, Topic topic, SeenTable seen) throws SQLException {
        Map<Begun.Load, Open> open = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT l.source, l.load, l.number "
                + "FROM sluice.load l WHERE l.pipeline = ? AND l.service = ? AND l.cluster_id = ? AND l.topic_id = ? "
                + "AND l.seen = ? AND " + OPEN)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, clusterId);
            query.setString(4, topic.topicId());
            query.setInt(5, seen.number());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    open.put(
                            new Begun.Load(topic.table(), found.getString(1), found.getString(2)),
                            new Open(seen, found.getLong(3)));
                }
            }
        }
        return open;
    }

    /** An end without its begin counts for nothing: what came before it was not noted. */
    private static void mark(Connection connection, long load, RowPartition partition, LoadMarker marker)
            throws SQLException {
        LoadMarker.Passed passed = marker.passed();
        if (passed == null) {
            throw new IllegalArgumentException("a marker in a row topic has come from somewhere");
        }
        String sql = marker.kind() == LoadMarker.Kind.BEGIN
                ? "INSERT INTO sluice.load_mark (load, partition, change_partition) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
                : "UPDATE sluice.load_mark SET ended = true WHERE load = ? AND partition = ? AND change_partition = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, load);
            statement.setInt(2, partition.partition());
            statement.setInt(3, passed.origin().partition());
            statement.executeUpdate();
        }
    }
}
