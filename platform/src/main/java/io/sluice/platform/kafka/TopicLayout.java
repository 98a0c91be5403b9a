package io.sluice.platform.kafka;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/** Which topics a pipeline has, and how each is kept. */
public final class TopicLayout {

    private static final String LOG_APPEND_TIME = "LogAppendTime";

    private final Pipeline pipeline;
    private final Names names;

    public TopicLayout(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.names = new Names(pipeline.name());
    }

    public List<TopicSpec> all() {
        List<TopicSpec> topics = new ArrayList<>();
        for (SourceSpec source : pipeline.sources()) {
            topics.add(sourceState(source));
        }
        topics.add(sourceRequests());
        topics.add(mappings());
        topics.add(intents());
        topics.add(progress());
        for (ServiceSpec service : pipeline.services()) {
            topics.addAll(changes(service));
            topics.addAll(rows(service));
            topics.addAll(transformOwn(service));
            topics.addAll(children(service));
            topics.add(deadLetters(service));
        }
        return topics;
    }

    /** Offsets and facts of a source: small, and read whole at every start. */
    public TopicSpec sourceState(SourceSpec source) {
        return new TopicSpec(
                names.sourceState(source.name()), 1, config(TopicConfig.CLEANUP_POLICY_COMPACT, Map.of()), List.of());
    }

    /** What operators ask of the sources; the last request for a table holds. */
    public TopicSpec sourceRequests() {
        return new TopicSpec(
                names.sourceRequests(), 1, config(TopicConfig.CLEANUP_POLICY_COMPACT, Map.of()), List.of());
    }

    /** What each target table's mapping did when it was last begun: small, and read whole at every start. */
    public TopicSpec mappings() {
        return new TopicSpec(names.mappings(), 1, config(TopicConfig.CLEANUP_POLICY_COMPACT, Map.of()), List.of());
    }

    /** What operators want; the last intent for each part of the pipeline holds. */
    public TopicSpec intents() {
        return new TopicSpec(names.intents(), 1, config(TopicConfig.CLEANUP_POLICY_COMPACT, Map.of()), List.of());
    }

    /** What the stages of each process report of themselves every few seconds: small segments, so that it stays small. */
    public TopicSpec progress() {
        return new TopicSpec(names.progress(), 1, config(TopicConfig.CLEANUP_POLICY_COMPACT, changelog()), List.of());
    }

    public List<TopicSpec> changes(ServiceSpec service) {
        Map<String, String> config = config(
                TopicConfig.CLEANUP_POLICY_DELETE,
                retention(pipeline.topics().changesRetention().toMillis()));
        List<String> readers = List.of(names.transformApplication(service.name()));
        if (service.isStrong()) {
            return List.of(new TopicSpec(names.changesInOrder(service.name()), 1, config, readers));
        }
        List<TopicSpec> topics = new ArrayList<>();
        for (TableId table : service.reads()) {
            topics.add(
                    new TopicSpec(names.changes(service.name(), table), service.partitionsOf(table), config, readers));
        }
        return topics;
    }

    /**
     * Row topics. They are never compacted here: a record may carry only the changed columns of its row, and compaction would
     * drop the record that holds the others.
     */
    public List<TopicSpec> rows(ServiceSpec service) {
        Map<String, String> config = config(
                TopicConfig.CLEANUP_POLICY_DELETE,
                retention(pipeline.topics().changesRetention().toMillis()));
        if (service.isStrong()) {
            return List.of(new TopicSpec(names.rowsInOrder(service.name()), 1, config, List.of()));
        }
        List<TopicSpec> topics = new ArrayList<>();
        for (TableSpec table : service.tables()) {
            topics.add(new TopicSpec(
                    names.rows(service.name(), table.target()), service.partitionsOf(table), config, List.of()));
        }
        return topics;
    }

    /**
     * What a transform is asked, and what it remembers. Its tasks are numbered as partitions are, so whoever reads a change
     * partition reads the requests and keeps the state that belong to it.
     */
    public List<TopicSpec> transformOwn(ServiceSpec service) {
        if (service.isStrong()) {
            return List.of(new TopicSpec(
                    names.transformState(service.name(), "transaction"),
                    1,
                    config(TopicConfig.CLEANUP_POLICY_COMPACT, changelog()),
                    List.of(),
                    List.of(names.rowsInOrder(service.name()))));
        }
        int tasks =
                service.reads().stream().mapToInt(service::partitionsOf).max().orElse(1);
        return List.of(
                new TopicSpec(
                        names.transformRequests(service.name()),
                        tasks,
                        config(TopicConfig.CLEANUP_POLICY_DELETE, retention(-1)),
                        List.of(names.transformApplication(service.name()))),
                new TopicSpec(
                        names.transformState(service.name(), "letters"),
                        tasks,
                        config(TopicConfig.CLEANUP_POLICY_COMPACT, changelog()),
                        List.of(),
                        List.of(names.deadLetters(service.name()))));
    }

    /**
     * What source rows became where the service splits them, the changelog of its transform's state. Made by us, so that its
     * settings are ours and a lost one is not replaced by an empty one on the quiet: rows would stay for ever.
     */
    public List<TopicSpec> children(ServiceSpec service) {
        if (!service.splits()) {
            return List.of();
        }
        int partitions =
                service.reads().stream().mapToInt(service::partitionsOf).max().orElse(1);
        List<String> rows = service.isStrong()
                ? List.of(names.rowsInOrder(service.name()))
                : service.tables().stream()
                        .filter(table -> table.split().isPresent())
                        .map(table -> names.rows(service.name(), table.target()))
                        .toList();
        return List.of(new TopicSpec(
                names.transformState(service.name(), "children"),
                partitions,
                config(TopicConfig.CLEANUP_POLICY_COMPACT, Map.of()),
                List.of(),
                rows));
    }

    public TopicSpec deadLetters(ServiceSpec service) {
        return new TopicSpec(
                names.deadLetters(service.name()),
                1,
                config(
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        retention(pipeline.topics().deadLettersRetention().toMillis())),
                List.of());
    }

    /** Read whole at each start, and only closed segments are compacted: so these are as small as the largest record allows. */
    private Map<String, String> changelog() {
        return Map.of(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(pipeline.maxRecordBytes() + (2 << 20)));
    }

    private static Map<String, String> retention(long millis) {
        return Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(millis), TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    }

    /** Retention counts from when a record arrived, never from its commit time: else a backlog would expire unread. */
    private Map<String, String> config(String cleanup, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup);
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, LOG_APPEND_TIME);
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(pipeline.maxRecordBytes() + (1 << 20)));
        return config;
    }
}
