package io.sluice.platform.kafka;

import io.sluice.platform.error.EnvironmentException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads a small topic of one partition {@code read_committed} to its end. */
public final class WholeTopic {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private WholeTopic() {}

    /** The records in their order. The topic must exist. */
    public static List<Map.Entry<byte[], byte @Nullable []>> entries(KafkaConnection kafka, String topic) {
        TopicPartition place = new TopicPartition(topic, 0);
        List<Map.Entry<byte[], byte @Nullable []>> read = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            long end = consumer.endOffsets(List.of(place)).getOrDefault(place, 0L);
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            // Markers of transactions have offsets but are not records: the position counts, not the last record.
            while (consumer.position(place) < end) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw new EnvironmentException(
                            "KAFKA_UNAVAILABLE",
                            "the topic can't be read to its end",
                            "topic " + topic,
                            "Check that the brokers run, and that no transaction hangs open there.",
                            null);
                }
                consumer.poll(POLL)
                        .forEach(record -> read.add(new AbstractMap.SimpleEntry<>(record.key(), record.value())));
            }
        }
        return read;
    }
}
