package io.sluice.source.publish;

import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sets the bounds of the source's transactions in the topics that hold them whole: a begin before the first change that a topic
 * gets of one, an end with their number at the boundary. So whatever a Kafka transaction of ours holds, it holds both or
 * neither. Belongs to the publishing thread.
 */
public final class TransactionBounds {

    private final Set<String> topics;
    private final Consumer<ProducerRecord<byte @Nullable [], byte @Nullable []>> out;
    private final Map<String, Open> open = new LinkedHashMap<>();

    /** @param topics those that hold whole transactions; records for others are passed on as they are */
    public TransactionBounds(Set<String> topics, Consumer<ProducerRecord<byte @Nullable [], byte @Nullable []>> out) {
        this.topics = Set.copyOf(topics);
        this.out = out;
    }

    /** A transaction that has begun in one topic. */
    private static final class Open {

        private final TransactionMarker begin;
        private long changes;

        Open(TransactionMarker begin) {
            this.begin = begin;
        }
    }

    /** Passes on the record of a change that the log has. */
    public void send(ProducerRecord<byte @Nullable [], byte @Nullable []> record, Provenance provenance) {
        if (topics.contains(record.topic())) {
            Open transaction = open.get(record.topic());
            if (transaction == null) {
                transaction = new Open(begin(provenance));
                open.put(record.topic(), transaction);
                out.accept(record(record.topic(), transaction.begin));
            }
            transaction.changes++;
        }
        out.accept(record);
    }

    private static TransactionMarker begin(Provenance first) {
        Position position = first.position();
        return TransactionMarker.begin(
                Objects.requireNonNull(first.transaction(), "a change of the log has a transaction"),
                new Position(position.epoch(), position.boundary(), 0),
                first.commitTimeMicros());
    }

    /** The transaction has ended there. */
    public void reached(int epoch, long boundary) {
        if (open.isEmpty()) {
            return;
        }
        Position reached = new Position(epoch, boundary, 0);
        open.forEach(
                (topic, transaction) -> out.accept(record(topic, transaction.begin.end(reached, transaction.changes))));
        open.clear();
    }

    private static ProducerRecord<byte @Nullable [], byte @Nullable []> record(String topic, TransactionMarker marker) {
        ProducerRecord<byte @Nullable [], byte @Nullable []> record = new ProducerRecord<>(topic, 0, null, null);
        marker.write(record.headers()::add);
        return record;
    }
}
