package io.sluice.platform.kafka;

import java.util.List;
import java.util.Map;

/**
 * A topic as it should be.
 *
 * @param groups consumer groups that read it with offsets kept in Kafka, from its beginning
 * @param of topics whose records it keeps account of: it is not made anew while any of them has had a record
 */
public record TopicSpec(String name, int partitions, Map<String, String> config, List<String> groups, List<String> of) {

    public TopicSpec {
        config = Map.copyOf(config);
        groups = List.copyOf(groups);
        of = List.copyOf(of);
    }

    /** The same, for when the records are to be read again anyway, so that the account begins anew. */
    public TopicSpec afresh() {
        return new TopicSpec(name, partitions, config, groups, List.of());
    }

    public TopicSpec(String name, int partitions, Map<String, String> config, List<String> groups) {
        this(name, partitions, config, groups, List.of());
    }
}
