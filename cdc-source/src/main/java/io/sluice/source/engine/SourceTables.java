package io.sluice.source.engine;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.publish.ChangeTopic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which tables of one source are read by whom, and where that is published. */
final class SourceTables {

    private final Pipeline pipeline;
    private final SourceSpec source;
    private final Names names;

    SourceTables(Pipeline pipeline, SourceSpec source) {
        this.pipeline = pipeline;
        this.source = source;
        this.names = new Names(pipeline.name());
    }

    List<TableId> all() {
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

    /** The state topic and every change topic of this source. */
    List<TopicSpec> topics() {
        TopicLayout layout = new TopicLayout(pipeline);
        List<TopicSpec> topics = new ArrayList<>();
        topics.add(layout.sourceState(source));
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

    List<String> readers(TableId table) {
        return pipeline.readersOf(table).stream().map(ServiceSpec::name).toList();
    }

    /** Where a table's changes go, to each service that reads it. */
    List<ChangeTopic> changeTopics(TableId table, Map<String, TopicFacts> facts) {
        List<ChangeTopic> topics = new ArrayList<>();
        for (ServiceSpec service : pipeline.readersOf(table)) {
            TopicFacts topic = facts.get(topic(service, table));
            if (topic == null) {
                throw new IllegalStateException("the topics of " + table + " were not checked");
            }
            topics.add(new ChangeTopic(service.name(), topic.name(), topic.partitions()));
        }
        return topics;
    }

    private String topic(ServiceSpec service, TableId table) {
        return names.changes(service.name(), table);
    }

    /** Refuses what this stage can't do yet, rather than do it half. */
    void requireSupported() {
        for (ServiceSpec service : pipeline.services()) {
            if (service.isStrong()
                    && service.reads().stream().anyMatch(table -> table.source().equals(source.name()))) {
                throw new BadInputException(
                        "CONSISTENCY_UNSUPPORTED",
                        "the source can't write one topic in commit order yet, which consistency: strong needs",
                        service.place().toString(),
                        "Leave out consistency: strong.");
            }
        }
    }
}
