package io.sluice.transform.topology;

import io.sluice.schemas.topic.Partitions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.jspecify.annotations.Nullable;

/**
 * An encoded key that knows its topic: so one sink node serves every topic without looking anything up. It chooses the partition,
 * as the keys of rows do, or is told it.
 */
final class RoutedKey {

    private final String topic;
    private final byte @Nullable [] wire;
    private final Goal goal;

    private enum Goal {
        BY_KEY,
        EVERY_PARTITION,
        FIRST_PARTITION
    }

    private RoutedKey(String topic, byte @Nullable [] wire, Goal goal) {
        this.topic = topic;
        this.wire = wire;
        this.goal = goal;
    }

    static RoutedKey of(String topic, byte[] wire) {
        return new RoutedKey(topic, wire, Goal.BY_KEY);
    }

    static RoutedKey toEveryPartition(String topic) {
        return new RoutedKey(topic, null, Goal.EVERY_PARTITION);
    }

    /** For a topic of one partition, whose records may have any bytes as key, or none. */
    static RoutedKey toFirstPartition(String topic, byte @Nullable [] key) {
        return new RoutedKey(topic, key, Goal.FIRST_PARTITION);
    }

    String topic() {
        return topic;
    }

    byte @Nullable [] wire() {
        return wire;
    }

    /** Takes the topic from the key. Its text stands in the topology's description. */
    static final class ToTopic implements TopicNameExtractor<RoutedKey, byte[]> {
        @Override
        public String extract(RoutedKey key, byte[] value, RecordContext context) {
            return key.topic;
        }

        @Override
        public String toString() {
            return "the key's own topic";
        }
    }

    /** Takes the partition from the key's bytes, as every producer of Sluice does, unless the key says otherwise. */
    static final class ToPartition implements StreamPartitioner<RoutedKey, byte[]> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, RoutedKey key, byte[] value, int partitions) {
            // Without partitions named, Streams would choose one by itself; none at all would drop the record.
            return Optional.of(
                    switch (key.goal) {
                        case BY_KEY -> Set.of(Partitions.of(Objects.requireNonNull(key.wire), partitions));
                        case EVERY_PARTITION ->
                            IntStream.range(0, partitions).boxed().collect(Collectors.toSet());
                        case FIRST_PARTITION -> Set.of(0);
                    });
        }
    }

    /** The bytes as they are. */
    static final class ToBytes implements Serializer<RoutedKey> {
        @Override
        public byte @Nullable [] serialize(String topic, RoutedKey key) {
            return key.wire;
        }
    }
}
