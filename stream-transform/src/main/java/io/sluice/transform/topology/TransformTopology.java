package io.sluice.transform.topology;

import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.mapping.Baselines;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** Draws the topology of a service: all change topics into one processor, row topics and dead letters out of one sink. */
final class TransformTopology {

    static final String SOURCE = "changes";
    static final String PROCESSOR = "mapping";
    static final String SINK = "rows";
    /** Names the store and with it its changelog, which {@link Names#transformState} spells too. */
    static final String CHILDREN = "children";

    private TransformTopology() {}

    static Topology of(
            Names names,
            ServiceSpec service,
            SchemaStore schemas,
            TransformMeters meters,
            PolledRecords polled,
            Baselines baselines) {
        ServiceTopics topics = new ServiceTopics(names, service);
        List<String> inputs = new ArrayList<>(topics.changes());
        if (!service.isStrong()) {
            inputs.add(names.transformRequests(service.name()));
        }
        Topology topology = new Topology();
        // A negative time would make Streams drop the record on the quiet, which is why the time is clamped.
        topology.addSource(
                AutoOffsetReset.none(),
                SOURCE,
                (record, partitionTime) -> Math.max(0, record.timestamp()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                inputs.toArray(String[]::new));
        topology.addProcessor(
                PROCESSOR,
                () -> {
                    SplitRows splits = new SplitRows(service.splits() ? CHILDREN : null);
                    return new ChangeProcessor(
                            intake(
                                    names,
                                    service,
                                    meters,
                                    new ChangeMapper(
                                            schemas, new Routing(names, service, schemas, meters, baselines), splits),
                                    new MarkerOutput(topics, service)),
                            splits,
                            polled);
                },
                SOURCE);
        StoreBuilder<? extends StateStore> state = service.isStrong() ? OrderedIntake.state() : LetterState.builder();
        topology.addStateStore(state, PROCESSOR);
        if (service.splits()) {
            topology.addStateStore(ChildStore.builder(CHILDREN), PROCESSOR);
        }
        topology.addSink(
                SINK,
                new RoutedKey.ToTopic(),
                new RoutedKey.ToBytes(),
                new ByteArraySerializer(),
                new RoutedKey.ToPartition(),
                PROCESSOR);
        return topology;
    }

    private static Intake intake(
            Names names, ServiceSpec service, TransformMeters meters, ChangeMapper mapper, MarkerOutput markers) {
        return service.isStrong()
                ? new OrderedIntake(
                        mapper,
                        markers,
                        new BoundOutput(service, new ServiceTopics(names, service), names.rowsInOrder(service.name())))
                : new EventualIntake(
                        mapper,
                        markers,
                        new LetterOutput(names.deadLetters(service.name()), meters),
                        meters,
                        service.deadLetters(),
                        names.transformRequests(service.name()),
                        service.consistency() == Consistency.BEST_EFFORT);
    }
}
