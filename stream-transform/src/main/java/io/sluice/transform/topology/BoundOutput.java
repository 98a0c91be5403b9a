package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
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
    private final ServiceTopics topics;
    private final String topic;

    /** @param topic of all the service's rows */
    BoundOutput(ServiceSpec service, ServiceTopics topics, String topic) {
        this.service = service;
        this.topics = topics;
        this.topic = topic;
    }

    Record<RoutedKey, byte @Nullable []> record(TransactionMarker bound, Origin origin, long timestampMillis) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        bound.write(headers::add);
        RecordHeaders.write(origin, headers::add);
        return record(headers, timestampMillis);
    }

    /** @throws HaltException if the file does not allow it */
    void requireTruncatable(TargetTable table) {
        TableSpec spec = service.table(table)
                .orElseThrow(() -> new IllegalArgumentException(table + " is no table of " + service.name()));
        if (spec.onTruncate() != TruncatePolicy.APPLY) {
            throw new HaltException(
                    "RECORD_REJECTED",
                    "the table was truncated, and the file does not say that " + table + " is to be",
                    null,
                    ChangeProcessor.REMEDY);
        }
    }

    /** All rows of the target that come from this table go, in their turn. */
    Record<RoutedKey, byte @Nullable []> truncate(
            TableId source, TargetTable table, Provenance provenance, Origin origin, long timestampMillis) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        new RecordHeaders(Operation.TRUNCATE, provenance, origin, List.of()).write(headers::add);
        headers.add(TargetHeader.NAME, TargetHeader.of(table));
        byte[] from = topics.source(table, source);
        if (from != null) {
            headers.add(SourceHeader.NAME, from);
        }
        return record(headers, timestampMillis);
    }

    private Record<RoutedKey, byte @Nullable []> record(Headers headers, long timestampMillis) {
        return new Record<>(RoutedKey.toFirstPartition(topic, null), null, timestampMillis, headers);
    }
}
