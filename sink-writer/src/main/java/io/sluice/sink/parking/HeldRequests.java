package io.sluice.sink.parking;

import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask about held rows. Every sink of the service reads all of it, from the beginning and again after each change of
 * its partitions, and does what is about records that it holds: a request says for itself which those are, so nobody need remember
 * how far it was read. Belongs to one thread.
 */
public final class HeldRequests implements AutoCloseable {

    private static final int MOST_AT_ONCE = 500;

    private final KafkaConnection kafka;
    private final String topic;
    private @Nullable Consumer<byte[], byte[]> consumer;

    /** @param place partition and offset of the request, for the answer */
    public record Asked(HeldRequest request, String place) {}

    /** @param topic of the service's requests */
    public HeldRequests(KafkaConnection kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
    }

    /** Reads them all once more. */
    public void rewind() {
        if (consumer != null) {
            consumer.seekToBeginning(consumer.assignment());
        }
    }

    /** Some that were not read yet; does not wait for any. */
    public List<Asked> poll() {
        List<Asked> asked = new ArrayList<>();
        Consumer<byte[], byte[]> open = opened();
        if (open.assignment().isEmpty()) {
            // There is no such topic yet.
            close();
            return asked;
        }
        for (ConsumerRecord<byte[], byte[]> record : open.poll(Duration.ZERO)) {
            HeldRequest.read(record.headers(), record.key())
                    .ifPresent(request -> asked.add(new Asked(request, record.partition() + "-" + record.offset())));
        }
        return asked;
    }

    private Consumer<byte[], byte[]> opened() {
        Consumer<byte[], byte[]> open = consumer;
        if (open == null) {
            Map<String, Object> properties = new HashMap<>(kafka.consumer());
            properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MOST_AT_ONCE);
            open = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            consumer = open;
            List<TopicPartition> all = open.partitionsFor(topic).stream()
                    .map(of -> new TopicPartition(of.topic(), of.partition()))
                    .toList();
            open.assign(all);
            open.seekToBeginning(all);
        }
        return open;
    }

    @Override
    public void close() {
        Consumer<byte[], byte[]> open = consumer;
        consumer = null;
        if (open != null) {
            open.close();
        }
    }
}
