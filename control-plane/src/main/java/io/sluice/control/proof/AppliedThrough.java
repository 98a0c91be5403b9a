package io.sluice.control.proof;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.topic.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * What of all that the sources had committed when it was asked is applied at the targets, and what is still on its way: awaited
 * until it is everything, or looked at once.
 *
 * <p>Each hop is measured at an end that is read only after the hop before it was found to be through, so nothing that was
 * on its way can be missed. It needs no stage to tell it anything, and is right when the pipeline is idle.
 */
public final class AppliedThrough {

    private static final long PAUSE_MILLIS = 50;
    /** Beyond that a look does not count records one by one. */
    private static final int MOST_COUNTED = 5_000;

    private final Pipeline pipeline;
    private final Names names;
    private final KafkaConnection kafka;
    private final Map<String, SourceMark> sources;
    private final Map<String, TargetLedger> targets;

    /**
     * @param sources for each source, how to mark a place in its log
     * @param targets for each service, where its target says what it has applied
     */
    public AppliedThrough(
            Pipeline pipeline,
            KafkaConnection kafka,
            Map<String, SourceMark> sources,
            Map<String, TargetLedger> targets) {
        this.pipeline = pipeline;
        this.names = new Names(pipeline.name());
        this.kafka = kafka;
        this.sources = Map.copyOf(sources);
        this.targets = Map.copyOf(targets);
    }

    /** Marks a place in a source's log, and says when all up to it is published. */
    public interface SourceMark {

        /** Marks the present end of the log; what is returned says whether the published changes have passed it. */
        BooleanSupplier mark();
    }

    /** What a target has applied. */
    public interface TargetLedger {

        /** The next offset that each partition of this topic will be read from; partitions never read are left out. */
        Map<Integer, Long> positions(String topic);
    }

    /**
     * Which hop is still behind, for people; empty when everything is through.
     *
     * @param inVain asked now and then: whether there is no point in waiting any longer
     */
    public List<String> await(Duration limit, BooleanSupplier inVain) throws InterruptedException {
        Patience patience = new Patience(System.nanoTime() + limit.toNanos(), inVain);
        List<String> behind = new ArrayList<>();
        Map<String, BooleanSupplier> marks = new HashMap<>();
        sources.forEach((name, source) -> marks.put(name, source.mark()));
        marks.forEach((name, published) -> behind.add("source " + name));
        for (Map.Entry<String, BooleanSupplier> mark : marks.entrySet()) {
            if (!patience.until(mark.getValue())) {
                return behind;
            }
            behind.remove("source " + mark.getKey());
        }
        try (CommittedTopics topics = new CommittedTopics(kafka);
                GroupOffsets groups = new GroupOffsets(kafka)) {
            for (ServiceSpec service : pipeline.services()) {
                String group = names.transformApplication(service.name());
                if (!passed(topics, changeTopics(service), () -> groups.of(group), patience)) {
                    return List.of("transform " + service.name());
                }
                TargetLedger target = ledger(service);
                List<String> rowTopics = rowTopics(service);
                if (!passed(topics, rowTopics, () -> positions(target, rowTopics), patience)) {
                    return List.of("sink " + service.name());
                }
            }
        }
        return List.of();
    }

    /**
     * How far everything is now, without waiting for any of it to move on.
     *
     * @param patience how long the sources may take to publish what they had committed; what they are given is given once
     */
    public Reach look(Duration patience) throws InterruptedException {
        Map<String, BooleanSupplier> marks = new HashMap<>();
        sources.forEach((name, source) -> marks.put(name, source.mark()));
        Patience given = new Patience(System.nanoTime() + patience.toNanos(), () -> false);
        given.until(() -> marks.values().stream().allMatch(BooleanSupplier::getAsBoolean));
        Set<String> published = new HashSet<>();
        marks.forEach((name, mark) -> {
            if (mark.getAsBoolean()) {
                published.add(name);
            }
        });
        Map<String, Reach.Service> services = new HashMap<>();
        try (CommittedTopics topics = new CommittedTopics(kafka);
                GroupOffsets groups = new GroupOffsets(kafka)) {
            for (ServiceSpec service : pipeline.services()) {
                services.put(service.name(), look(service, topics, groups));
            }
        }
        return new Reach(published, services);
    }

    private Reach.Service look(ServiceSpec service, CommittedTopics topics, GroupOffsets groups) {
        Map<String, Waiting> changes = Map.of();
        try {
            Map<TopicPartition, Long> ends = topics.ends(changeTopics(service));
            changes = byTopic(topics.waiting(
                    behind(ends, groups.of(names.transformApplication(service.name()))), ends, MOST_COUNTED));
            List<String> rowTopics = rowTopics(service);
            Map<TopicPartition, Long> rowEnds = topics.ends(rowTopics);
            Map<TopicPartition, Long> written = positions(ledger(service), rowTopics);
            return new Reach.Service(
                    changes, byTopic(topics.waiting(behind(rowEnds, written), rowEnds, MOST_COUNTED)), "");
        } catch (OffsetOutOfRangeException e) {
            return new Reach.Service(
                    changes,
                    Map.of(),
                    "records of " + e.partitions() + " expired before they were taken further: see the runbook");
        } catch (EnvironmentException e) {
            return new Reach.Service(changes, Map.of(), String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Waiting> byTopic(Map<TopicPartition, Waiting> partitions) {
        Map<String, Waiting> topics = new HashMap<>();
        partitions.forEach((partition, waiting) -> topics.merge(partition.topic(), waiting, Waiting::plus));
        return topics;
    }

    private TargetLedger ledger(ServiceSpec service) {
        TargetLedger target = targets.get(service.name());
        if (target == null) {
            throw new IllegalArgumentException("no ledger is given for service " + service.name());
        }
        return target;
    }

    private List<String> changeTopics(ServiceSpec service) {
        if (service.isStrong()) {
            return List.of(names.changesInOrder(service.name()));
        }
        List<String> topics = new ArrayList<>();
        for (TableId table : service.reads()) {
            topics.add(names.changes(service.name(), table));
        }
        return topics;
    }

    private List<String> rowTopics(ServiceSpec service) {
        if (service.isStrong()) {
            return List.of(names.rowsInOrder(service.name()));
        }
        return service.tables().stream()
                .map(table -> names.rows(service.name(), table.target()))
                .toList();
    }

    private static Map<TopicPartition, Long> positions(TargetLedger target, List<String> topics) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        for (String topic : topics) {
            target.positions(topic)
                    .forEach((partition, offset) -> positions.put(new TopicPartition(topic, partition), offset));
        }
        return positions;
    }

    /** Whether a reader with these offsets has passed the topics' ends as they are now. */
    private static boolean passed(
            CommittedTopics topics, List<String> names, Supplier<Map<TopicPartition, Long>> offsets, Patience patience)
            throws InterruptedException {
        Map<TopicPartition, Long> ends = topics.ends(names);
        return patience.until(
                () -> topics.waiting(behind(ends, offsets.get()), ends, 1).isEmpty());
    }

    private static Map<TopicPartition, Long> behind(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, Long> behind = new HashMap<>();
        ends.forEach((partition, end) -> {
            long offset = offsets.getOrDefault(partition, 0L);
            if (offset < end) {
                behind.put(partition, offset);
            }
        });
        return behind;
    }

    /** How long to wait. */
    private record Patience(long deadlineNanos, BooleanSupplier inVain) {

        boolean until(BooleanSupplier condition) throws InterruptedException {
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() - deadlineNanos > 0 || inVain.getAsBoolean()) {
                    return false;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            return true;
        }
    }
}
