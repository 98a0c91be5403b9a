package io.sluice.sink.ledger;

import io.sluice.platform.error.HaltException;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.RowPartition;
import java.sql.Array;
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
 * The ledger of one service of one pipeline on one Kafka cluster. Every method works inside the transaction that the caller has
 * begun on that connection.
 */
public final class Ledger {

    private static final String KEY = "a.pipeline = ? AND a.service = ? AND a.cluster_id = ?";

    private final String pipeline;
    private final String service;
    private final String clusterId;
    private final LoadLedger loads;

    public Ledger(String pipeline, String service, String clusterId) {
        this.pipeline = pipeline;
        this.service = service;
        this.clusterId = clusterId;
        this.loads = new LoadLedger(pipeline, service, clusterId);
    }

    public LoadLedger loads() {
        return loads;
    }

    /** @param topicId of the topic that brings all rows of a strong service */
    public LoadingLedger loading(String topicId) {
        return new LoadingLedger(pipeline, service, clusterId, topicId);
    }

    /** Loads whose rows are on their way. */
    public ComingLoads coming() {
        return new ComingLoads(pipeline, service, clusterId);
    }

    /**
     * Enters these partitions at offset 0 if their topic was never met; else they are known already.
     *
     * @param topicIds the id of each partition's topic
     * @return those that are new
     * @throws HaltException if the ledger knows a topic of that name under another id
     */
    public Set<RowPartition> enter(Connection connection, Map<RowPartition, String> topicIds) throws SQLException {
        refuseRecreated(connection, topicIds);
        Set<RowPartition> entered = new HashSet<>();
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.applied (pipeline, service, cluster_id, topic_id, partition, topic, position, epoch) "
                        + "SELECT ?, ?, ?, u.topic_id, u.partition, u.topic, 0, 0 "
                        + "FROM unnest(?::text[], ?::int[], ?::text[]) AS u(topic_id, partition, topic) "
                        + "ON CONFLICT DO NOTHING RETURNING topic, partition")) {
            List<RowPartition> partitions = new ArrayList<>(topicIds.keySet());
            bindKey(insert);
            insert.setArray(
                    4, texts(connection, partitions.stream().map(topicIds::get).toList()));
            insert.setArray(5, ints(connection, partitions));
            insert.setArray(
                    6,
                    texts(
                            connection,
                            partitions.stream().map(RowPartition::topic).toList()));
            try (ResultSet inserted = insert.executeQuery()) {
                while (inserted.next()) {
                    entered.add(new RowPartition(inserted.getString(1), inserted.getInt(2)));
                }
            }
        }
        return entered;
    }

    private void refuseRecreated(Connection connection, Map<RowPartition, String> topicIds) throws SQLException {
        Map<String, String> byName = new HashMap<>();
        topicIds.forEach((partition, id) -> byName.put(partition.topic(), id));
        List<String> names = new ArrayList<>(byName.keySet());
        try (PreparedStatement query = connection.prepareStatement("SELECT a.topic, a.cluster_id FROM sluice.applied a "
                + "JOIN unnest(?::text[], ?::text[]) AS u(topic, topic_id) ON u.topic = a.topic "
                + "WHERE a.pipeline = ? AND a.service = ? AND (a.cluster_id <> ? OR a.topic_id <> u.topic_id) "
                + "LIMIT 1")) {
            query.setArray(1, texts(connection, names));
            query.setArray(2, texts(connection, names.stream().map(byName::get).toList()));
            query.setString(3, pipeline);
            query.setString(4, service);
            query.setString(5, clusterId);
            try (ResultSet found = query.executeQuery()) {
                if (found.next()) {
                    String what = found.getString(2).equals(clusterId)
                            ? "the topic was deleted and made again"
                            : "this is another Kafka cluster than the one whose rows were applied before";
                    throw new HaltException(
                            "TOPIC_RECREATED",
                            what + ": rows that were in it may never have been applied",
                            "topic " + found.getString(1),
                            "Load the service's tables again: remove its rows from sluice.applied in the target, and start a "
                                    + "new epoch of its sources.");
                }
            }
        }
    }

    /**
     * Takes these partitions from whoever has them: their epochs rise by one. Waits, no longer than lock_timeout, for a batch
     * of theirs that is on its way.
     *
     * @return the claims, with what was applied so far; a partition that was never entered is missing
     */
    public List<Claim> take(Connection connection, Map<RowPartition, String> topicIds) throws SQLException {
        List<RowPartition> partitions = new ArrayList<>(topicIds.keySet());
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.applied a SET epoch = a.epoch + 1, updated_at = now() "
                        + "FROM unnest(?::text[], ?::int[]) AS u(topic_id, partition) WHERE " + KEY
                        + " AND a.topic_id = u.topic_id AND a.partition = u.partition "
                        + "RETURNING a.topic, a.partition, a.topic_id, a.epoch, a.position, a.origins::text")) {
            update.setArray(
                    1, texts(connection, partitions.stream().map(topicIds::get).toList()));
            update.setArray(2, ints(connection, partitions));
            bindKey(update, 3);
            return loads.knownTo(connection, claims(update));
        }
    }

    /**
     * Takes again what was ours, after a transaction whose end we did not learn: once this returns, that transaction is over
     * and these claims say whether it came through.
     *
     * @throws StaleClaimException if someone else has taken one
     */
    public List<Claim> retake(Connection connection, Collection<Claim> claims)
            throws SQLException, StaleClaimException {
        List<Claim> mine = List.copyOf(claims);
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.applied a SET epoch = a.epoch + 1, updated_at = now() "
                        + "FROM unnest(?::text[], ?::int[], ?::bigint[]) AS u(topic_id, partition, epoch) WHERE " + KEY
                        + " AND a.topic_id = u.topic_id AND a.partition = u.partition AND a.epoch = u.epoch "
                        + "RETURNING a.topic, a.partition, a.topic_id, a.epoch, a.position, a.origins::text")) {
            update.setArray(
                    1, texts(connection, mine.stream().map(Claim::topicId).toList()));
            update.setArray(
                    2, ints(connection, mine.stream().map(Claim::partition).toList()));
            update.setArray(3, longs(connection, mine.stream().map(Claim::epoch).toList()));
            bindKey(update, 4);
            List<Claim> taken = loads.knownTo(connection, claims(update));
            if (taken.size() < mine.size()) {
                throw stale(mine, taken.stream().map(Claim::partition).toList());
            }
            return taken;
        }
    }

    private static List<Claim> claims(PreparedStatement update) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        try (ResultSet taken = update.executeQuery()) {
            while (taken.next()) {
                claims.add(new Claim(
                        new RowPartition(taken.getString(1), taken.getInt(2)),
                        taken.getString(3),
                        taken.getLong(4),
                        taken.getLong(5),
                        OriginsJson.read(taken.getString(6)),
                        Begun.NONE));
            }
        }
        return claims;
    }

    /**
     * Moves the ledger on, in the transaction that writes the rows and before it writes them: a stale writer then waits for
     * nothing and undoes nothing.
     *
     * @param before as last seen; what stands in the ledger must be just that
     * @throws StaleClaimException if someone has taken one of these partitions, or moved it
     */
    public void move(Connection connection, List<Claim> before, List<Claim> after)
            throws SQLException, StaleClaimException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.applied a SET position = u.next, origins = u.origins::jsonb, updated_at = now() "
                        + "FROM unnest(?::text[], ?::int[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[]) "
                        + "AS u(topic_id, partition, epoch, position, next, origins) WHERE " + KEY
                        + " AND a.topic_id = u.topic_id AND a.partition = u.partition AND a.epoch = u.epoch "
                        + "AND a.position = u.position RETURNING a.topic, a.partition")) {
            update.setArray(
                    1, texts(connection, before.stream().map(Claim::topicId).toList()));
            update.setArray(
                    2, ints(connection, before.stream().map(Claim::partition).toList()));
            update.setArray(
                    3, longs(connection, before.stream().map(Claim::epoch).toList()));
            update.setArray(
                    4, longs(connection, before.stream().map(Claim::position).toList()));
            update.setArray(
                    5, longs(connection, after.stream().map(Claim::position).toList()));
            update.setArray(
                    6,
                    texts(
                            connection,
                            after.stream()
                                    .map(claim -> OriginsJson.write(claim.origins()))
                                    .toList()));
            bindKey(update, 7);
            Set<RowPartition> moved = new HashSet<>();
            try (ResultSet rows = update.executeQuery()) {
                while (rows.next()) {
                    moved.add(new RowPartition(rows.getString(1), rows.getInt(2)));
                }
            }
            if (moved.size() < before.size()) {
                throw stale(before, moved);
            }
        }
    }

    private static StaleClaimException stale(Collection<Claim> claims, Collection<RowPartition> kept) {
        return new StaleClaimException(claims.stream()
                .map(Claim::partition)
                .filter(partition -> !kept.contains(partition))
                .toList());
    }

    private void bindKey(PreparedStatement statement) throws SQLException {
        bindKey(statement, 1);
    }

    /** Whether anything of a row topic has been applied, so that it will not be read again. */
    public boolean hasApplied(Connection connection, String topic) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT 1 FROM sluice.applied a WHERE " + KEY + " AND a.topic = ? AND a.position > 0 LIMIT 1")) {
            bindKey(query, 1);
            query.setString(4, topic);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    private void bindKey(PreparedStatement statement, int from) throws SQLException {
        statement.setString(from, pipeline);
        statement.setString(from + 1, service);
        statement.setString(from + 2, clusterId);
    }

    /** The offset that is read next in each partition of these topics, of those that were ever taken. */
    public Map<RowPartition, Long> positions(Connection connection, Collection<String> topicIds) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT a.topic, a.partition, a.position "
                + "FROM sluice.applied a WHERE " + KEY + " AND a.topic_id = ANY (?)")) {
            bindKey(query);
            query.setArray(4, texts(connection, List.copyOf(topicIds)));
            Map<RowPartition, Long> positions = new HashMap<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    positions.put(new RowPartition(found.getString(1), found.getInt(2)), found.getLong(3));
                }
            }
            return positions;
        }
    }

    private static Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }

    private static Array longs(Connection connection, List<Long> values) throws SQLException {
        return connection.createArrayOf("int8", values.toArray());
    }

    private static Array ints(Connection connection, List<RowPartition> partitions) throws SQLException {
        return connection.createArrayOf(
                "int4", partitions.stream().map(RowPartition::partition).toArray());
    }
}
