package io.sluice.sink.ledger;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.sink.batch.Loads.Marked;
import io.sluice.sink.batch.RowPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * {@code sluice.coming}: which loads have begun and not ended in which row partitions, whether they sweep or not. While there is
 * one, a row that waits for another one may wait for what the load has yet to bring. Every method works inside the transaction
 * that the caller has begun on that connection.
 */
public final class ComingLoads {

    private static final String PLACES =
            "unnest(?::text[], ?::int[], ?::text[], ?::int[], ?::text[]) AS u(topic_id, partition, source, change_partition, "
                    + "load)";
    private static final String OURS = "c.pipeline = ? AND c.service = ? AND c.cluster_id = ?";

    private final String pipeline;
    private final String service;
    private final String clusterId;

    private record Place(RowPartition partition, String source, int changePartition) {}

    private record Last(Place place, String load, boolean begins) {}

    ComingLoads(String pipeline, String service, String clusterId) {
        this.pipeline = pipeline;
        this.service = service;
        this.clusterId = clusterId;
    }

    /** Notes what these say, in their order. The begin of a load takes the place of one of the same table that has not ended. */
    public void note(Connection connection, Collection<Marked> markers, Function<RowPartition, String> topicIds)
            throws SQLException {
        List<Last> last = List.copyOf(last(markers).values());
        List<Last> begun = last.stream().filter(Last::begins).toList();
        List<Last> ended = last.stream().filter(each -> !each.begins()).toList();
        if (!begun.isEmpty()) {
            execute(
                    connection,
                    "INSERT INTO sluice.coming (pipeline, service, cluster_id, topic_id, partition, source, change_partition, load) "
                            + "SELECT ?, ?, ?, u.* FROM " + PLACES
                            + " ON CONFLICT (pipeline, service, cluster_id, topic_id, partition, source, change_partition) "
                            + "DO UPDATE SET load = EXCLUDED.load, begun_at = now()",
                    begun,
                    topicIds);
        }
        if (!ended.isEmpty()) {
            execute(
                    connection,
                    "DELETE FROM sluice.coming c USING (SELECT ?::text, ?::text, ?::text) AS o(pipeline, service, cluster_id), "
                            + PLACES + " WHERE c.pipeline = o.pipeline AND c.service = o.service "
                            + "AND c.cluster_id = o.cluster_id AND c.topic_id = u.topic_id AND c.partition = u.partition "
                            + "AND c.source = u.source AND c.change_partition = u.change_partition AND c.load = u.load",
                    ended,
                    topicIds);
        }
    }

    /** What holds in each place behind all of these. */
    private static Map<Place, Last> last(Collection<Marked> markers) {
        Map<Place, Last> last = new LinkedHashMap<>();
        for (Marked marked : markers) {
            LoadMarker marker = marked.marker();
            LoadMarker.Passed passed = marker.passed();
            if (passed == null) {
                throw new IllegalArgumentException("a marker in a row topic has come from somewhere");
            }
            Place place = new Place(
                    marked.partition(),
                    marker.table().toString(),
                    passed.origin().partition());
            boolean begins = marker.kind() == LoadMarker.Kind.BEGIN;
            Last before = last.get(place);
            // The end of a load that another one has taken the place of ends nothing.
            if (begins || before == null || before.load().equals(marker.load())) {
                last.put(place, new Last(place, marker.load(), begins));
            }
        }
        return last;
    }

    private void execute(Connection connection, String sql, List<Last> of, Function<RowPartition, String> topicIds)
            throws SQLException {
        List<Object> partitions = new ArrayList<>();
        List<Object> changePartitions = new ArrayList<>();
        for (Last each : of) {
            partitions.add(each.place().partition().partition());
            changePartitions.add(each.place().changePartition());
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement);
            setTexts(
                    statement,
                    4,
                    of.stream()
                            .map(each -> topicIds.apply(each.place().partition()))
                            .toList());
            statement.setArray(5, connection.createArrayOf("int4", partitions.toArray()));
            setTexts(
                    statement, 6, of.stream().map(each -> each.place().source()).toList());
            statement.setArray(7, connection.createArrayOf("int4", changePartitions.toArray()));
            setTexts(statement, 8, of.stream().map(Last::load).toList());
            statement.executeUpdate();
        }
    }

    /** Whether a load of these topics is on its way, or what one did not see is still to be swept. */
    public boolean isAny(Connection connection, Collection<String> topicIds) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT EXISTS (SELECT FROM sluice.coming c WHERE "
                + OURS + " AND c.topic_id = ANY (?)) OR EXISTS (SELECT FROM sluice.load c WHERE " + OURS
                + " AND c.topic_id = ANY (?) AND c.state = 'sweeping')")) {
            bind(query);
            setTexts(query, 4, List.copyOf(topicIds));
            query.setString(5, pipeline);
            query.setString(6, service);
            query.setString(7, clusterId);
            setTexts(query, 8, List.copyOf(topicIds));
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    private static void setTexts(PreparedStatement statement, int at, List<String> values) throws SQLException {
        statement.setArray(at, statement.getConnection().createArrayOf("text", values.toArray()));
    }

    private void bind(PreparedStatement statement) throws SQLException {
        statement.setString(1, pipeline);
        statement.setString(2, service);
        statement.setString(3, clusterId);
    }
}
