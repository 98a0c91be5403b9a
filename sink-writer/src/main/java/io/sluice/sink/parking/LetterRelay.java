package io.sluice.sink.parking;

import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Brings held records to the topic of dead letters, some time after they were committed. One that was sent and not yet marked as
 * sent when its sink was killed is sent again: who reads letters knows it by the place that it came from. Belongs to one thread.
 */
public final class LetterRelay implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

    private final KafkaConnection kafka;
    private final String topic;
    private @Nullable Producer<byte[], byte @Nullable []> producer;

    /** @param topic of the service's dead letters */
    public LetterRelay(KafkaConnection kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
    }

    /** Returns once all of them are in the topic. */
    public void send(List<Held> letters) {
        List<Future<RecordMetadata>> sent = new ArrayList<>(letters.size());
        for (Held held : letters) {
            sent.add(producer().send(letter(held)));
        }
        try {
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private ProducerRecord<byte[], byte @Nullable []> letter(Held held) {
        byte[] key = held.record().key();
        byte[] value = held.record().value();
        DeadLetter letter = new DeadLetter(
                held.partition().topic(),
                held.partition().partition(),
                held.offset(),
                new Verdict(
                        Verdict.SINK,
                        held.state() == HoldState.REFUSED ? Reason.REFUSED : Reason.PARKED,
                        held.code(),
                        held.problem(),
                        null,
                        held.position()),
                Bytes.wrap(key),
                value == null ? null : Bytes.wrap(value),
                held.record().headers());
        return new ProducerRecord<>(topic, 0, key, value, letter.letterHeaders());
    }

    private Producer<byte[], byte @Nullable []> producer() {
        if (producer == null) {
            Map<String, Object> properties = new HashMap<>(kafka.producer());
            properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LEAST_PATIENCE.toMillis());
            properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) LEAST_PATIENCE.toMillis());
            properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
            producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        }
        return producer;
    }

    private RuntimeException failed(Throwable cause) {
        close();
        if (cause instanceof AuthorizationException) {
            return new HaltException(
                    "KAFKA_REFUSES",
                    "Kafka does not let us write dead letters",
                    "topic " + topic,
                    "Let our Kafka user write to the topic, then start again: none is lost.");
        }
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "Kafka does not take dead letters (" + cause.getClass().getSimpleName() + ")",
                "topic " + topic,
                "Check that the brokers run and that the topic is there; none is lost meanwhile.",
                cause);
    }

    @Override
    public void close() {
        Producer<byte[], byte @Nullable []> open = producer;
        producer = null;
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }
}
