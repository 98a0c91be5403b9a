package io.sluice.platform.kafka;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.schemas.model.Bytes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a compacted topic comes to, kept up to date: of each key the last committed record. Reads from the beginning once, and from
 * then on only what is new. Belongs to one thread.
 */
public final class FollowedTopic implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final boolean values;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Bytes, Latest> latest = new LinkedHashMap<>();
    private List<TopicPartition> partitions = List.of();

    /**
     * The last record of a key.
     *
     * @param value empty where values are not kept
     * @param writtenAtMillis by the broker's clock
     */
    public record Latest(Bytes value, long writtenAtMillis) {}

    private FollowedTopic(KafkaConnection kafka, String topic, boolean values) {
        this.topic = topic;
        this.values = values;
        this.consumer = new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** The topic must exist when it is first read. */
    public static FollowedTopic of(KafkaConnection kafka, String topic) {
        return new FollowedTopic(kafka, topic, true);
    }

    /** The same for whoever asks for keys alone. */
    public static FollowedTopic keysOf(KafkaConnection kafka, String topic) {
        return new FollowedTopic(kafka, topic, false);
    }

    /** As of now: everything that was committed when this was called is in it. */
    public Map<Bytes, Latest> read() {
        if (partitions.isEmpty()) {
            partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }
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
            consumer.poll(POLL).forEach(this::take);
        }
        return Map.copyOf(latest);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        Bytes key = Bytes.wrap(record.key());
        if (record.value() == null) {
            latest.remove(key);
        } else {
            latest.put(key, new Latest(Bytes.wrap(values ? record.value() : new byte[0]), record.timestamp()));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
