package io.sluice.source.engine;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.topic.Names;
import io.sluice.source.publish.ChangeTopic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which tables of one source are read by whom, and where that is published. */
public final class SourceTables {

    private final Pipeline pipeline;
    private final SourceSpec source;
    private final Names names;

    public SourceTables(Pipeline pipeline, SourceSpec source) {
        this.pipeline = pipeline;
        this.source = source;
        this.names = new Names(pipeline.name());
    }

    public List<TableId> all() {
        return pipeline.tablesOf(source.name());
    }

    /** The tables of each publication, by its name: one a service. */
    Map<String, List<TableId>> publications() {
        Map<String, List<TableId>> publications = new LinkedHashMap<>();
        for (ServiceSpec service : pipeline.services()) {
            List<TableId> tables = service.reads().stream()
                    .filter(table -> table.source().equals(source.name()))
                    .toList();
            if (!tables.isEmpty()) {
                publications.put(SourceNames.publication(pipeline.name(), source.name(), service.name()), tables);
            }
        }
        return publications;
    }

    /** The state topic, that of requests, and every change topic of this source. */
    public List<TopicSpec> topics() {
        TopicLayout layout = new TopicLayout(pipeline);
        List<TopicSpec> topics = new ArrayList<>();
        topics.add(layout.sourceState(source));
        topics.add(layout.sourceRequests());
        for (ServiceSpec service : pipeline.services()) {
            List<String> ours = service.reads().stream()
                    .filter(table -> table.source().equals(source.name()))
                    .map(table -> topic(service, table))
                    .toList();
            layout.changes(service).stream()
                    .filter(topic -> ours.contains(topic.name()))
                    .forEach(topics::add);
        }
        return topics;
    }

    public List<String> readers(TableId table) {
        return pipeline.readersOf(table).stream().map(ServiceSpec::name).toList();
    }

    /** Whether a service reads it that must see every change of it, whole transactions in their order. */
    boolean isReadInOrder(TableId table) {
        return pipeline.readersOf(table).stream().anyMatch(ServiceSpec::isStrong);
    }

    /** Throws it, if nothing of that table may be left out: where it would halt alone, the whole source does. */
    void refuseGap(TableId table, HaltException cause) {
        if (isReadInOrder(table)) {
            throw new HaltException(
                    cause.code(),
                    cause.problem(),
                    cause.place() == null ? "table " + table : cause.place(),
                    cause.remedy()
                            + " A service with `consistency: strong` reads the table and may miss nothing, so the whole"
                            + " source halts before it. What can't be mended or undone there takes a new epoch, not a"
                            + " backfill: `sluice run FILE --new-epoch " + source.name() + "`.",
                    cause);
        }
    }

    /** Where a table's changes go, to each service that reads it. */
    public List<ChangeTopic> changeTopics(TableId table, Map<String, TopicFacts> facts) {
        List<ChangeTopic> topics = new ArrayList<>();
        for (ServiceSpec service : pipeline.readersOf(table)) {
            TopicFacts topic = facts.get(topic(service, table));
            if (topic == null) {
                throw new IllegalStateException("the topics of " + table + " were not checked");
            }
            topics.add(new ChangeTopic(service.name(), topic.name(), topic.partitions(), service.isStrong()));
        }
        return topics;
    }

    /** The topics that hold whole transactions in their order. */
    Set<String> topicsInOrder() {
        return pipeline.services().stream()
                .filter(ServiceSpec::isStrong)
                .map(service -> names.changesInOrder(service.name()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a TRUNCATE of it has a place in every topic that it goes to, and is wanted there. */
    boolean takesTruncate(TableId table) {
        return pipeline.readersOf(table).stream()
                .allMatch(service -> service.isStrong()
                        && service.tables().stream()
                                .filter(spec -> spec.from().contains(table))
                                .allMatch(spec -> spec.onTruncate() == TruncatePolicy.APPLY));
    }

    /** Whether everyone who reads it wants it read again after a TRUNCATE. */
    boolean resnapshots(TableId table) {
        return pipeline.readersOf(table).stream()
                .allMatch(service -> !service.isStrong()
                        && service.tables().stream()
                                .filter(spec -> spec.from().contains(table))
                                .allMatch(spec -> spec.onTruncate() == TruncatePolicy.RESNAPSHOT));
    }

    private String topic(ServiceSpec service, TableId table) {
        return service.isStrong() ? names.changesInOrder(service.name()) : names.changes(service.name(), table);
    }

    /** Refuses, where the source is one that can't write one topic in commit order. */
    public void requireSupported() {
        for (ServiceSpec service : pipeline.services()) {
            if (service.isStrong()
                    && service.reads().stream().anyMatch(table -> table.source().equals(source.name()))) {
                throw new BadInputException(
                        "CONSISTENCY_UNSUPPORTED",
                        "sources of this kind can't write one topic in commit order yet, which consistency: strong needs",
                        service.place().toString(),
                        "Leave out consistency: strong.");
            }
        }
    }
}
