package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.StaleClaimException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Takes partitions that the group gave us, and makes sure that what the ledger knows of them fits what is in Kafka. */
final class PartitionTaker {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TopicAdmin admin;
    private final List<TopicSpec> topics;
    private final String pipeline;
    private final String service;
    private @Nullable Ledger ledger;
    private @Nullable String clusterId;
    private Map<String, TopicFacts> facts = Map.of();

    PartitionTaker(TopicAdmin admin, List<TopicSpec> topics, String pipeline, String service) {
        this.admin = admin;
        this.topics = topics;
        this.pipeline = pipeline;
        this.service = service;
    }

    /** The ledger of the cluster that we are connected to. */
    Ledger ledger() {
        if (ledger == null) {
            ledger = new Ledger(pipeline, service, clusterId());
        }
        return ledger;
    }

    String clusterId() {
        if (clusterId == null) {
            clusterId = admin.clusterId();
        }
        return clusterId;
    }

    /** @throws HaltException if a topic is missing, not as it should be, or another one than before */
    void checkTopics() {
        Map<String, TopicFacts> found = admin.check(topics);
        for (TopicFacts known : facts.values()) {
            TopicFacts now = found.get(known.name());
            if (now != null && !now.id().equals(known.id())) {
                throw new HaltException(
                        "TOPIC_RECREATED",
                        "the topic was deleted and made again while we read it: rows that were in it may never have been applied",
                        "topic " + known.name(),
                        "Load the service's tables again: remove its rows from sluice.applied in the target, and start a new "
                                + "epoch of its sources.");
            }
        }
        facts = found;
    }

    /** The ids of the topics, as they were when last checked. */
    Set<String> topicIds() {
        return facts.values().stream().map(topic -> topic.id().toString()).collect(Collectors.toSet());
    }

    List<Claim> take(TargetSession session, Consumer<byte[], byte[]> consumer, Collection<RowPartition> wanted)
            throws SQLException, StaleClaimException {
        checkTopics();
        Map<RowPartition, String> ids = new HashMap<>();
        for (RowPartition partition : wanted) {
            TopicFacts topic = facts.get(partition.topic());
            if (topic != null) {
                ids.put(partition, topic.id().toString());
            }
        }
        List<Claim> claims = session.transaction(connection -> {
            ledger().enter(connection, ids);
            return ledger().take(connection, ids);
        });
        checkRange(consumer, claims);
        return claims;
    }

    private static void checkRange(Consumer<byte[], byte[]> consumer, List<Claim> claims) {
        List<TopicPartition> partitions = claims.stream()
                .map(claim -> Assignment.kafka(claim.partition()))
                .toList();
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, PATIENCE);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        for (Claim claim : claims) {
            TopicPartition partition = Assignment.kafka(claim.partition());
            if (claim.position() < begins.getOrDefault(partition, 0L)) {
                throw expired(claim.partition(), claim.position(), begins.getOrDefault(partition, 0L));
            }
            long end = ends.getOrDefault(partition, 0L);
            if (claim.position() > end) {
                throw new HaltException(
                        "OFFSET_BEYOND_END",
                        "the target has applied up to offset " + claim.position() + ", and the partition ends at "
                                + end,
                        claim.partition().toString(),
                        "Kafka lost records that it had acknowledged, or the target belongs to another cluster. Load the "
                                + "service's tables again: a new epoch of its sources.");
            }
        }
    }

    static HaltException expired(RowPartition partition, long position, long begin) {
        return new HaltException(
                "DATA_EXPIRED",
                "records from offset " + position + " on are gone unread"
                        + (begin < 0 ? "" : "; the first left is " + begin),
                partition.toString(),
                "They outlived their retention before they were applied. Load the service's tables again: a new epoch of its "
                        + "sources. Raise `topics: changes-retention` if a sink may be away for so long.");
    }
}
