package io.sluice.platform.kafka;

import java.util.List;
import java.util.Map;

/**
 * A topic as it should be.
 *
 * @param groups consumer groups that read it with offsets kept in Kafka, from its beginning
 */
public record TopicSpec(String name, int partitions, Map<String, String> config, List<String> groups) {

    public TopicSpec {
        config = Map.copyOf(config);
        groups = List.copyOf(groups);
    }
}
