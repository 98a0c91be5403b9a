package io.sluice.source.position;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the state topic {@code read_committed} to its end. */
public final class StateReader {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection kafka;
    private final StateRecords records;

    public StateReader(KafkaConnection kafka, StateRecords records) {
        this.kafka = kafka;
        this.records = records;
    }

    /**
     * What is stored now. Where an unfinished transaction of a former process is still open, that process must have been
     * fenced before: only then is its end known.
     */
    public SourceState read() {
        return records.state(entries());
    }

    /** The same for whoever starts afresh: a record that can't be read does not matter then. */
    public StateRecords.Salvaged salvage() {
        return records.salvaged(entries());
    }

    /** The records themselves, in their order. */
    public List<Map.Entry<byte[], byte @Nullable []>> entries() {
        TopicPartition place = new TopicPartition(records.topic(), 0);
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
                            "the state topic can't be read to its end",
                            "topic " + records.topic(),
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
