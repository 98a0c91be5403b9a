package io.sluice.control.proof;

import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A reader of topics as a committed reader sees them. Belongs to one thread. */
final class CommittedTopics implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int MOST_EMPTY_POLLS = 5;

    private final KafkaConsumer<byte[], byte[]> committed;
    private final KafkaConsumer<byte[], byte[]> uncommitted;

    CommittedTopics(KafkaConnection kafka) {
        this.committed = consumer(kafka.consumer());
        Map<String, Object> properties = new HashMap<>(kafka.consumer());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        this.uncommitted = consumer(properties);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Where each partition of these topics ends now. Not the end that a reader of committed records is told: that one lies before
     * the records of a transaction that has been committed and whose markers are still on their way.
     */
    Map<TopicPartition, Long> ends(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            for (PartitionInfo info : uncommitted.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
        }
        return uncommitted.endOffsets(partitions);
    }

    /**
     * Those partitions in which a committed record stands from the first offset up to the end, or may yet. Between the last
     * record and the end there may be nothing but transaction markers, which no reader's offset has to pass.
     */
    Map<TopicPartition, Long> withRecords(Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> found = new HashMap<>();
        from.forEach((partition, offset) -> {
            long end = ends.getOrDefault(partition, 0L);
            if (offset < end && mayHaveRecord(partition, offset, end)) {
                found.put(partition, offset);
            }
        });
        return found;
    }

    private boolean mayHaveRecord(TopicPartition partition, long from, long end) {
        committed.assign(List.of(partition));
        committed.seek(partition, from);
        long before = from;
        int emptyPolls = 0;
        while (committed.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> each : committed.poll(POLL).records(partition)) {
                return each.offset() < end;
            }
            long position = committed.position(partition);
            emptyPolls = position > before ? 0 : emptyPolls + 1;
            if (emptyPolls >= MOST_EMPTY_POLLS) {
                // A transaction is open there; what it holds is not known yet.
                return true;
            }
            before = position;
        }
        return false;
    }

    @Override
    public void close() {
        committed.close();
        uncommitted.close();
    }
}
