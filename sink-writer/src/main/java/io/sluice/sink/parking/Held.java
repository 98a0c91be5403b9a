package io.sluice.sink.parking;

import io.sluice.sink.batch.RowPartition;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record that is held, exactly as it was.
 *
 * @param code the SQLSTATE of what it was refused for
 * @param problem in words, without any value of the row
 * @param position where its change stands in its source, spelt as {@code sluice.position}
 */
public record Held(
        RowPartition partition,
        ConsumerRecord<byte[], byte @Nullable []> record,
        HoldState state,
        String code,
        String problem,
        String position) {

    public Held {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(problem, "problem");
    }

    long offset() {
        return record.offset();
    }

    ParkedKey key() {
        return ParkedKey.of(partition, record.key());
    }

    int size() {
        byte[] value = record.value();
        return record.key().length + (value == null ? 0 : value.length);
    }
}
