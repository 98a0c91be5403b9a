package io.sluice.platform.kafka;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Creates the topics of a pipeline, and checks that they are as they should be. */
public final class TopicAdmin implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** How long a broker may not know yet of a topic that another one has. */
    private static final Duration PROPAGATION = Duration.ofSeconds(3);
    /** What a topic must not differ in: each would lose records or let retention delete a backlog. */
    private static final List<String> CHECKED =
            List.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);

    private final Admin admin;
    private final String cluster;

    private TopicAdmin(Admin admin, String cluster) {
        this.admin = admin;
        this.cluster = cluster;
    }

    public static TopicAdmin open(KafkaConnection kafka) {
        return new TopicAdmin(Admin.create(kafka.admin()), kafka.toString());
    }

    public boolean exists(String topic) {
        return names().contains(topic);
    }

    Set<String> names() {
        return get(admin.listTopics().names());
    }

    int brokers() {
        return get(admin.describeCluster().nodes()).size();
    }

    public String clusterId() {
        return get(admin.describeCluster().clusterId());
    }

    /**
     * Creates those topics that are not there, and gives each group without an offset the beginning.
     *
     * @param replication copies of each partition; empty: the cluster's default
     * @return the names of those created
     * @throws HaltException if a group has no offset on a topic that has already lost its first records, or a topic that keeps
     *     account of others is gone
     */
    public Set<String> createMissing(Collection<TopicSpec> topics, OptionalInt replication) {
        Set<String> existing = names();
        Set<String> created = new HashSet<>();
        for (TopicSpec topic : topics) {
            if (!existing.contains(topic.name())) {
                mayBeMade(topic, existing);
                if (create(topic, replication)) {
                    created.add(topic.name());
                }
            }
        }
        Set<String> groups = new TreeSet<>();
        topics.forEach(topic -> groups.addAll(topic.groups()));
        for (String group : groups) {
            seed(
                    group,
                    topics.stream()
                            .filter(topic -> topic.groups().contains(group))
                            .toList());
        }
        return created;
    }

    /** @throws HaltException if what it kept account of would be forgotten without a word */
    void mayBeMade(TopicSpec topic, Set<String> existing) {
        for (String of : topic.of()) {
            if (existing.contains(of) && hasHadRecords(of)) {
                throw new HaltException(
                        "STATE_LOST",
                        "the topic does not exist, and " + of + ", of whose records it keeps account, has had some",
                        "topic " + topic.name(),
                        "What it held is lost: see the runbook.");
            }
        }
    }

    private boolean hasHadRecords(String topic) {
        TopicFacts facts = describe(List.of(topic)).get(topic);
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; facts != null && partition < facts.partitions(); partition++) {
            ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        return get(admin.listOffsets(ends).all()).values().stream().anyMatch(end -> end.offset() > 0);
    }

    private boolean create(TopicSpec topic, OptionalInt replication) {
        short copies = (short) replication.orElse(-1);
        NewTopic made = new NewTopic(topic.name(), topic.partitions(), copies).configs(topic.config());
        try {
            get(admin.createTopics(List.of(made)).all());
            return true;
        } catch (EnvironmentException e) {
            // Another process of this pipeline was quicker.
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Sets the group to offset 0 wherever it has none. That is safe only while record 0 is still there: what is then read
     * again is recognised by its origin. A process that died after creating a topic leaves no harm behind either.
     */
    private void seed(String group, Collection<TopicSpec> topics) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<TopicPartition, OffsetSpec> unseeded = new HashMap<>();
        for (TopicSpec topic : topics) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                TopicPartition place = new TopicPartition(topic.name(), partition);
                if (committed.get(place) == null) {
                    unseeded.put(place, OffsetSpec.earliest());
                }
            }
        }
        if (unseeded.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> seeds = new HashMap<>();
        beginnings(unseeded).forEach((place, earliest) -> {
            if (earliest.offset() > 0) {
                throw new HaltException(
                        "TOPIC_OFFSETS_MISSING",
                        "group " + group + " has no offset, and the topic's first records have expired",
                        "partition " + place,
                        "What it had not read is lost to it: start the source in a new epoch with `sluice run FILE --new-epoch SOURCE`.");
            }
            seeds.put(place, new OffsetAndMetadata(0));
        });
        get(admin.alterConsumerGroupOffsets(group, seeds).all());
    }

    /** A topic is created before every broker knows of it. */
    private Map<TopicPartition, ListOffsetsResultInfo> beginnings(Map<TopicPartition, OffsetSpec> places) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return get(admin.listOffsets(places).all());
            } catch (EnvironmentException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() - deadlineNanos > 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /**
     * The topics' facts, by name.
     *
     * @throws HaltException if one is missing, or differs in what data depends on
     */
    public Map<String, TopicFacts> check(Collection<TopicSpec> topics) {
        Map<String, TopicFacts> facts =
                describePatiently(topics.stream().map(TopicSpec::name).toList());
        Map<String, Config> configs = configs(facts.keySet());
        for (TopicSpec topic : topics) {
            TopicFacts found = facts.get(topic.name());
            if (found == null) {
                throw new HaltException(
                        "TOPIC_MISSING",
                        "the topic does not exist",
                        "topic " + topic.name(),
                        "Where it never existed, `run` creates it. Where it was deleted, its records are gone: see the runbook.");
            }
            if (found.partitions() != topic.partitions()) {
                throw changed(
                        topic,
                        "has " + found.partitions() + " partitions instead of " + topic.partitions(),
                        "A key's changes would be spread over two partitions and lose their order. Set `partitions: "
                                + found.partitions() + "` if the file was changed.");
            }
            for (String name : CHECKED) {
                checkConfig(topic, name, configs.get(topic.name()));
            }
        }
        return facts;
    }

    private static void checkConfig(TopicSpec topic, String name, @Nullable Config config) {
        ConfigEntry entry = config == null ? null : config.get(name);
        String wanted = topic.config().get(name);
        if (wanted != null && (entry == null || !wanted.equals(entry.value()))) {
            throw changed(
                    topic,
                    "has " + name + " " + (entry == null ? "unset" : entry.value()) + " instead of " + wanted,
                    "Set it back with kafka-configs; until then records may be lost unread.");
        }
    }

    private static HaltException changed(TopicSpec topic, String problem, String remedy) {
        return new HaltException("TOPIC_CHANGED", "the topic " + problem, "topic " + topic.name(), remedy);
    }

    /** As {@link #describe}; a topic that seems to be missing is looked for again, for a while. */
    private Map<String, TopicFacts> describePatiently(Collection<String> topics) {
        long deadlineNanos = System.nanoTime() + PROPAGATION.toNanos();
        Map<String, TopicFacts> facts = describe(topics);
        while (!facts.keySet().containsAll(topics) && System.nanoTime() - deadlineNanos < 0) {
            LockSupport.parkNanos(RETRY_NANOS);
            facts = describe(topics);
        }
        return facts;
    }

    /** The facts of those of these topics that exist. */
    public Map<String, TopicFacts> describe(Collection<String> topics) {
        Map<String, TopicFacts> facts = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> each :
                admin.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                TopicDescription topic = get(each.getValue());
                facts.put(
                        each.getKey(),
                        new TopicFacts(
                                topic.name(),
                                topic.topicId(),
                                topic.partitions().size()));
            } catch (EnvironmentException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return facts;
    }

    private Map<String, Config> configs(Collection<String> topics) {
        List<ConfigResource> resources = new ArrayList<>();
        for (String topic : topics) {
            resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
        }
        Map<String, Config> configs = new HashMap<>();
        get(admin.describeConfigs(resources).all()).forEach((resource, config) -> configs.put(resource.name(), config));
        return configs;
    }

    /** Behind the last record of each partition of these topics, whether its transaction is over or not. */
    public Map<TopicPartition, Long> ends(Collection<String> topics) {
        Map<TopicPartition, OffsetSpec> places = new HashMap<>();
        for (TopicFacts topic : describe(topics).values()) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                places.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(admin.listOffsets(places).all()).forEach((place, end) -> ends.put(place, end.offset()));
        return ends;
    }

    /** How far a group says that it has come; a partition that it has said nothing of is missing. */
    public Map<TopicPartition, Long> committed(String group) {
        Map<TopicPartition, Long> committed = new HashMap<>();
        get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((place, offset) -> {
                    if (offset != null) {
                        committed.put(place, offset.offset());
                    }
                });
        return committed;
    }

    private <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw unavailable(cause);
        } catch (TimeoutException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        }
    }

    private EnvironmentException unavailable(Throwable cause) {
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "Kafka does not do what we ask: " + cause.getClass().getSimpleName(),
                cluster,
                "Check that the brokers run and can be reached, and what our user may do.",
                cause);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(3));
    }
}
