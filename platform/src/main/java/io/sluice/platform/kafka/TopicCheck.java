package io.sluice.platform.kafka;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;

/** Finds, before any is made, which topics of a pipeline are missing and which are not as they should be. */
public final class TopicCheck {

    private static final String PLACE = "Kafka";

    private final TopicAdmin admin;

    public TopicCheck(TopicAdmin admin) {
        this.admin = admin;
    }

    /** @param replication copies of each partition that is made; empty: the cluster's default */
    public Preflight run(Collection<TopicSpec> topics, OptionalInt replication) {
        List<Finding> findings = new ArrayList<>();
        List<Creation> creations = new ArrayList<>();
        Set<String> existing = admin.names();
        for (TopicSpec topic : topics) {
            try {
                if (existing.contains(topic.name())) {
                    admin.check(List.of(topic));
                } else {
                    admin.mayBeMade(topic, existing);
                    creations.add(Creation.told(Creation.Kind.TOPIC, PLACE, topic.name(), describe(topic)));
                }
            } catch (HaltException e) {
                findings.add(Finding.of("topic " + topic.name(), e));
            }
        }
        if (!creations.isEmpty()) {
            findings.addAll(copies(replication));
        }
        return new Preflight(findings, creations);
    }

    private List<Finding> copies(OptionalInt replication) {
        if (replication.isEmpty()) {
            return List.of();
        }
        int brokers = admin.brokers();
        int copies = replication.getAsInt();
        if (copies > brokers) {
            return List.of(Finding.error(
                    PLACE,
                    "topics are to have " + copies + " copies, and the cluster has "
                            + (brokers == 1 ? "one broker" : brokers + " brokers"),
                    "Set `topics: {replication: " + brokers + "}`, or add brokers."));
        }
        return copies == 1 && brokers > 1
                ? List.of(Finding.warning(
                        PLACE,
                        "topics are to have one copy, so the loss of a broker loses what only it holds",
                        "Set `topics: {replication: " + Math.min(3, brokers) + "}`."))
                : List.of();
    }

    private static String describe(TopicSpec topic) {
        Map<String, String> config = new TreeMap<>(topic.config());
        String millis = config.getOrDefault(TopicConfig.RETENTION_MS_CONFIG, "");
        String kept = TopicConfig.CLEANUP_POLICY_COMPACT.equals(config.get(TopicConfig.CLEANUP_POLICY_CONFIG))
                ? "compacted"
                : millis.startsWith("-") ? "kept for ever" : "kept for " + days(Long.parseLong(millis));
        return topic.partitions() + (topic.partitions() == 1 ? " partition, " : " partitions, ") + kept;
    }

    private static String days(long millis) {
        long hours = Duration.ofMillis(millis).toHours();
        return hours % 24 == 0 ? hours / 24 + " days" : hours + " hours";
    }
}
