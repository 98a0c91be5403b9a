package io.sluice.transform.topology;

import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.RowEncoder;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.RowChange;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Rows of one target table, of one shape, to records. Belongs to one thread, as its encoders do. */
final class RowOutput {

    private final String topic;
    private final byte @Nullable [] target;
    private final byte @Nullable [] source;
    private final KeyEncoder keys;
    private final RowEncoder rows;
    private final Runnable counter;

    /**
     * @param target what the records say of their table; null where the topic says it
     * @param source what they say of the table that they come from; null where all rows of the target come from one
     */
    RowOutput(
            String topic,
            byte @Nullable [] target,
            byte @Nullable [] source,
            KeyEncoder keys,
            RowEncoder rows,
            Runnable counter) {
        this.topic = topic;
        this.target = target;
        this.source = source;
        this.keys = keys;
        this.rows = rows;
        this.counter = counter;
    }

    Record<RoutedKey, byte @Nullable []> record(RowChange change, Origin origin, long timestampMillis) {
        RoutedKey key = RoutedKey.of(topic, keys.encode(change.key()));
        if (change instanceof RowChange.Upsert upsert) {
            byte[] value = rows.encode(upsert.row());
            return record(
                    key,
                    value,
                    new RecordHeaders(
                            Operation.UPSERT,
                            change.provenance(),
                            origin,
                            RecordHeaders.unchangedColumns(upsert.row())),
                    timestampMillis);
        }
        return deletion(key, change.provenance(), origin, timestampMillis);
    }

    /** @param key as it stood in a record of this table */
    Record<RoutedKey, byte @Nullable []> deletion(
            byte[] key, Provenance provenance, Origin origin, long timestampMillis) {
        return deletion(RoutedKey.of(topic, key), provenance, origin, timestampMillis);
    }

    private Record<RoutedKey, byte @Nullable []> deletion(
            RoutedKey key, Provenance provenance, Origin origin, long timestampMillis) {
        return record(key, null, new RecordHeaders(Operation.DELETE, provenance, origin, List.of()), timestampMillis);
    }

    private Record<RoutedKey, byte @Nullable []> record(
            RoutedKey key, byte @Nullable [] value, RecordHeaders said, long timestampMillis) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        said.write(headers::add);
        if (target != null) {
            headers.add(TargetHeader.NAME, target);
        }
        if (source != null) {
            headers.add(SourceHeader.NAME, source);
        }
        counter.run();
        return new Record<>(key, value, timestampMillis, headers);
    }
}
