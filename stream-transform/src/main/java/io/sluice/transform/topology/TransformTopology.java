package io.sluice.transform.topology;

import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.topic.Names;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;

/** Draws the topology of a service: all change topics into one processor, all row topics out of one sink. */
final class TransformTopology {

    static final String SOURCE = "changes";
    static final String PROCESSOR = "mapping";
    static final String SINK = "rows";

    private TransformTopology() {}

    static Topology of(
            Names names, ServiceSpec service, SchemaStore schemas, TransformMeters meters, PolledRecords polled) {
        String[] topics = service.reads().stream()
                .map((TableId table) -> names.changes(service.name(), table))
                .toArray(String[]::new);
        Topology topology = new Topology();
        // A negative time would make Streams drop the record on the quiet, which is why the time is clamped.
        topology.addSource(
                AutoOffsetReset.none(),
                SOURCE,
                (record, partitionTime) -> Math.max(0, record.timestamp()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics);
        topology.addProcessor(
                PROCESSOR,
                () -> new ChangeProcessor(
                        new EventualIntake(
                                new ChangeMapper(schemas, new Routing(names, service, schemas, meters)),
                                new MarkerOutput(names, service)),
                        polled),
                SOURCE);
        topology.addSink(
                SINK,
                new RoutedKey.ToTopic(),
                new RoutedKey.ToBytes(),
                new ByteArraySerializer(),
                new RoutedKey.ToPartition(),
                PROCESSOR);
        return topology;
    }
}
