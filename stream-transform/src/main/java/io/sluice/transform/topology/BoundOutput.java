package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** The records without key and value among the rows of a strong service: bounds of transactions, and truncated tables. */
final class BoundOutput {

    private final ServiceSpec service;
    private final String topic;

    /** @param topic of all the service's rows */
    BoundOutput(ServiceSpec service, String topic) {
        this.service = service;
        this.topic = topic;
    }

    Record<RoutedKey, byte @Nullable []> record(TransactionMarker bound, Origin origin, long timestampMillis) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        bound.write(headers::add);
        RecordHeaders.write(origin, headers::add);
        return record(headers, timestampMillis);
    }

    /** @throws HaltException if the file does not allow it, or if rows of other tables would go too */
    void requireTruncatable(TargetTable table) {
        TableSpec spec = service.table(table)
                .orElseThrow(() -> new IllegalArgumentException(table + " is no table of " + service.name()));
        if (spec.onTruncate() != TruncatePolicy.APPLY || spec.from().size() != 1) {
            throw new HaltException(
                    "RECORD_REJECTED",
                    spec.from().size() == 1
                            ? "the table was truncated, and the file does not say that " + table + " is to be"
                            : "the table was truncated, and " + table + " holds rows of other tables besides",
                    null,
                    ChangeProcessor.REMEDY);
        }
    }

    /** All rows of the table go, in their turn. */
    Record<RoutedKey, byte @Nullable []> truncate(
            TargetTable table, Provenance provenance, Origin origin, long timestampMillis) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        new RecordHeaders(Operation.TRUNCATE, provenance, origin, List.of()).write(headers::add);
        headers.add(TargetHeader.NAME, TargetHeader.of(table));
        return record(headers, timestampMillis);
    }

    private Record<RoutedKey, byte @Nullable []> record(Headers headers, long timestampMillis) {
        return new Record<>(RoutedKey.toFirstPartition(topic, null), null, timestampMillis, headers);
    }
}
