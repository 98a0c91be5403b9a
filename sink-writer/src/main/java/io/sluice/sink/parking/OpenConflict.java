package io.sluice.sink.parking;

import io.sluice.sink.batch.RowPartition;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A key of which the target has a newer row, and for which nobody has decided yet.
 *
 * @param records the change that met it and the latest behind it, which may be the same; exactly as they were
 * @param position where the first one's change stands in its source
 * @param behind how many changes came behind it
 * @param asked the last decision that was in vain: partition and offset of the request
 */
public record OpenConflict(
        RowPartition partition,
        List<ConsumerRecord<byte[], byte @Nullable []>> records,
        String position,
        String problem,
        int behind,
        @Nullable String asked,
        long sinceMillis) {

    public OpenConflict {
        records = List.copyOf(records);
    }

    /** Tells it from the others. */
    public long offset() {
        return records.get(0).offset();
    }

    /** The last change that a decision on it now is about. */
    public long upTo() {
        return records.get(records.size() - 1).offset();
    }

    public byte[] key() {
        return records.get(0).key();
    }
}
