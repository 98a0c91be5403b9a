package io.sluice.sink.consume;

import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.parking.ParkingSpec;
import io.sluice.sink.parking.Patience;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far the transform and all sinks of a service have come, as Kafka and the target tell it. */
final class ServiceReach implements Patience.Reach {

    private final TopicAdmin admin;
    private final ParkingSpec spec;
    private final List<String> rows;
    private final PartitionTaker taker;
    private final TargetSession session;

    ServiceReach(
            TopicAdmin admin, ParkingSpec spec, List<TopicSpec> rows, PartitionTaker taker, TargetSession session) {
        this.admin = admin;
        this.spec = spec;
        this.rows = rows.stream().map(TopicSpec::name).toList();
        this.taker = taker;
        this.session = session;
    }

    @Override
    public Map<TopicPartition, Long> changeEnds() {
        return admin.ends(spec.changes());
    }

    @Override
    public boolean isMapped(Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> committed = admin.committed(spec.transform());
        return ends.entrySet().stream().allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    @Override
    public Map<TopicPartition, Long> rowEnds() {
        return admin.ends(rows);
    }

    @Override
    public boolean isApplied(Map<TopicPartition, Long> ends) throws SQLException, StaleClaimException {
        Map<RowPartition, Long> applied =
                session.transaction(connection -> taker.ledger().positions(connection, taker.topicIds()));
        return ends.entrySet().stream()
                .allMatch(end -> applied.getOrDefault(Assignment.of(end.getKey()), 0L) >= end.getValue());
    }

    @Override
    public boolean isLoading() throws SQLException, StaleClaimException {
        return session.transaction(connection -> taker.ledger().coming().isAny(connection, taker.topicIds()));
    }
}
