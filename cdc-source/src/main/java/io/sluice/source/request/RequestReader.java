package io.sluice.source.request;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.TableId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the requests to one source, in a thread of its own. Of those that are there when it begins, the last for each table
 * counts, as it would once the topic is compacted: an earlier one was carried out before, or is overruled.
 */
public final class RequestReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long PAUSE_MILLIS = 1_000;
    /** Requests are made by people. */
    private static final int MOST_WAITING = 10_000;

    private final KafkaConnection kafka;
    private final RequestTopic topic;
    private final String source;
    private final Runnable arrived;
    private final Queue<LoadRequest> requests = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> following;
    private volatile boolean closed;

    /** @param arrived told, from the reader's thread, that there is a request to take */
    public RequestReader(KafkaConnection kafka, RequestTopic topic, String source, Runnable arrived) {
        this.kafka = kafka;
        this.topic = topic;
        this.source = source;
        this.arrived = arrived;
        this.thread = new Thread(this::follow, "sluice-requests-" + source);
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** What was asked since the last call, in its order. */
    public Queue<LoadRequest> requests() {
        return requests;
    }

    private void follow() {
        while (!closed) {
            try {
                read();
            } catch (WakeupException | org.apache.kafka.common.errors.InterruptException e) {
                LOG.debug("No more requests are read", e);
                return;
            } catch (KafkaException e) {
                // The stream meets the same trouble and reports it; requests stay where they are.
                LOG.debug("Requests can't be read now", e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private void read() {
        TopicPartition place = new TopicPartition(topic.topic(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            following = consumer;
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            long end = consumer.endOffsets(List.of(place)).getOrDefault(place, 0L);
            Map<TableId, LoadRequest> last = new LinkedHashMap<>();
            while (!closed && consumer.position(place) < end) {
                poll(consumer, request -> last.put(request.table(), request));
            }
            last.values().forEach(this::take);
            while (!closed) {
                poll(consumer, this::take);
            }
        }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer, Consumer<LoadRequest> taker) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            topic.read(record.key(), record.value())
                    .filter(request -> request.table().source().equals(source))
                    .ifPresent(taker);
        }
    }

    private void take(LoadRequest request) {
        if (requests.size() < MOST_WAITING) {
            requests.add(request);
            arrived.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        KafkaConsumer<byte[], byte[]> consumer = following;
        if (consumer != null) {
            // An interrupt would keep the consumer from closing in peace.
            consumer.wakeup();
        }
        try {
            thread.join(PAUSE_MILLIS);
            if (thread.isAlive()) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
