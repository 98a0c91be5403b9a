package io.sluice.transform.topology;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * A load's marker to the row topics that the load's rows go to.
 *
 * <p>A row of one change partition may go to any row partition, so each of these gets the marker of each change partition, behind
 * all that came before it and ahead of all that comes after: one task reads the change partition, and one producer writes for it.
 */
final class MarkerOutput {

    private final ServiceTopics topics;
    private final ServiceSpec service;

    MarkerOutput(ServiceTopics topics, ServiceSpec service) {
        this.topics = topics;
        this.service = service;
    }

    /** A marker in another table's topic is none. */
    void requireOf(LoadMarker marker, String topic) throws MalformedRecordException {
        if (!service.reads().contains(marker.table())
                || !topics.changes(marker.table()).equals(topic)) {
            throw new MalformedRecordException("it is of table " + marker.table() + ", whose topic is another");
        }
    }

    /** Appends the marker for each row topic. It says that it comes from this place, which moves a sink on past it. */
    void append(LoadMarker marker, Place place, long timestampMillis, List<Record<RoutedKey, byte @Nullable []>> out) {
        int first = out.size();
        for (TableSpec table : service.tables()) {
            if (table.from().contains(marker.table())) {
                Headers headers = new RecordHeaders();
                // Parts tell apart what one record becomes in one topic.
                Origin origin = place.origin(service.isStrong() ? out.size() : first);
                marker.passedOn(origin, service.partitionsOf(marker.table())).write(headers::add);
                byte[] target = topics.header(table.target());
                if (target != null) {
                    headers.add(TargetHeader.NAME, target);
                }
                String topic = topics.rows(table.target());
                out.add(new Record<>(RoutedKey.toEveryPartition(topic), null, timestampMillis, headers));
            }
        }
    }
}
