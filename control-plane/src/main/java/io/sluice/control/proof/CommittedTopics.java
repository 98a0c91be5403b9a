package io.sluice.control.proof;

import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A reader of topics as a committed reader sees them. Belongs to one thread. */
final class CommittedTopics implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;

    CommittedTopics(KafkaConnection kafka) {
        this.consumer = new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Where each partition of these topics ends now, for a reader of committed records. */
    Map<TopicPartition, Long> ends(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            for (PartitionInfo info : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
        }
        return consumer.endOffsets(partitions);
    }

    /**
     * Those partitions in which a record stands from the first offset up to the end. Between the last record and the end there
     * may be nothing but transaction markers, which no reader's offset has to pass.
     */
    Map<TopicPartition, Long> withRecords(Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> found = new HashMap<>();
        from.forEach((partition, offset) -> {
            long end = ends.getOrDefault(partition, 0L);
            if (offset < end && hasRecord(partition, offset, end)) {
                found.put(partition, offset);
            }
        });
        return found;
    }

    private boolean hasRecord(TopicPartition partition, long from, long end) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL).records(partition)) {
                return each.offset() < end;
            }
        }
        return false;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
