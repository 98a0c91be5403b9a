package io.sluice.source.publish;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.StoredOffset;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The producer of one source. A Kafka transaction begins with the first record after the last one ended. After any failure
 * it is of no use: its owner opens another and resumes from what is stored. Used by one thread at a time.
 */
public final class TransactionalPublisher implements AutoCloseable {

    /** Longer than any source transaction should take to pass through. */
    private static final int TRANSACTION_TIMEOUT_MILLIS = 600_000;

    private final KafkaProducer<byte @Nullable [], byte @Nullable []> producer;
    private final StateRecords state;
    private final String place;
    private final KafkaSilence silence;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private boolean inTransaction;

    private TransactionalPublisher(
            KafkaProducer<byte @Nullable [], byte @Nullable []> producer,
            StateRecords state,
            String place,
            KafkaSilence silence) {
        this.producer = producer;
        this.state = state;
        this.place = place;
        this.silence = silence;
    }

    /**
     * Fences every other producer of this id, and ends the transaction that one may have left open.
     *
     * @param silence is told what Kafka owes
     */
    public static TransactionalPublisher open(
            KafkaConnection kafka, String transactionalId, StateRecords state, KafkaSilence silence) {
        Map<String, Object> properties = kafka.producer();
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
        TransactionalPublisher publisher = new TransactionalPublisher(
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()),
                state,
                kafka.toString(),
                silence);
        try {
            silence.asks();
            publisher.producer.initTransactions();
            silence.beginsAnew();
            return publisher;
        } catch (KafkaException e) {
            publisher.close();
            throw publisher.translated(e, null);
        }
    }

    public StateRecords state() {
        return state;
    }

    /** Sends a record in the open transaction; it is acknowledged at the latest when that ends. */
    @SuppressWarnings("FutureReturnValueIgnored") // The callback takes what the future would tell.
    public void send(ProducerRecord<byte @Nullable [], byte @Nullable []> record) {
        check(record.topic());
        try {
            if (!inTransaction) {
                producer.beginTransaction();
                inTransaction = true;
            }
            silence.sent();
            producer.send(record, (metadata, exception) -> {
                if (exception == null) {
                    silence.arrived();
                } else {
                    failure.compareAndSet(null, exception);
                }
            });
        } catch (KafkaException e) {
            throw translated(e, record.topic());
        }
    }

    /** Ends the transaction together with this offset, which is stored when this returns. */
    public void commit(StoredOffset offset) {
        send(state.offset(offset));
        commit();
    }

    /** Ends the transaction, if one is open. */
    public void commit() {
        if (!inTransaction) {
            return;
        }
        try {
            silence.asks();
            producer.commitTransaction();
            silence.answered();
            inTransaction = false;
        } catch (KafkaException e) {
            check(null);
            throw translated(e, null);
        }
        check(null);
    }

    /** Whether it is of no use any more, whatever has made somebody ask. */
    public boolean hasFailed() {
        return failure.get() != null;
    }

    private void check(@Nullable String topic) {
        Exception cause = failure.get();
        if (cause != null) {
            throw translated(cause, topic);
        }
    }

    private RuntimeException translated(Exception cause, @Nullable String topic) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof ProducerFencedException || each instanceof InvalidProducerEpochException) {
                return new FencedException(cause);
            }
            if (each instanceof RecordTooLargeException) {
                return new HaltException(
                        "RECORD_TOO_LARGE",
                        "a change is larger than the pipeline allows a record to be",
                        topic == null ? place : "topic " + topic,
                        "Raise `max-record` in the pipeline file, and the brokers' and topics' limits where they are lower.");
            }
        }
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "Kafka does not take our records: " + cause.getClass().getSimpleName(),
                place,
                "Check that the brokers run and can be reached, and what our user may do.",
                cause);
    }

    /** What is open is left to the broker, which aborts it when the next producer of this id begins. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        producer.close(Duration.ofSeconds(1));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
