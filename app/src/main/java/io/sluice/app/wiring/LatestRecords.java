package io.sluice.app.wiring;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.Bytes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a compacted topic holds: the last record of each key, as far as it is committed. */
final class LatestRecords {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection kafka;

    LatestRecords(KafkaConnection kafka) {
        this.kafka = kafka;
    }

    /** By key; keys that were deleted are left out. */
    Map<Bytes, byte[]> read(String topic) {
        Map<Bytes, byte[]> latest = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw new EnvironmentException(
                            "KAFKA_UNAVAILABLE",
                            "the topic can't be read to its end",
                            "topic " + topic,
                            "Check that the brokers run, and that no transaction hangs open there.",
                            null);
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.value() == null) {
                        latest.remove(Bytes.wrap(record.key()));
                    } else {
                        latest.put(Bytes.wrap(record.key()), record.value());
                    }
                }
            }
        }
        return latest;
    }
}
