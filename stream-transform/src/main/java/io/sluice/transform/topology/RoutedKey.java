package io.sluice.transform.topology;

import io.sluice.schemas.topic.Partitions;
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
 * An encoded key that knows its topic: so one sink node serves every row topic without looking anything up. Or no key: then the
 * record is for every partition of the topic.
 */
final class RoutedKey {

    private final String topic;
    private final byte @Nullable [] wire;

    private RoutedKey(String topic, byte @Nullable [] wire) {
        this.topic = topic;
        this.wire = wire;
    }

    static RoutedKey of(String topic, byte[] wire) {
        return new RoutedKey(topic, wire);
    }

    static RoutedKey toEveryPartition(String topic) {
        return new RoutedKey(topic, null);
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

    /** Takes the partition from the key's bytes, as every producer of Sluice does; without a key, all of them. */
    static final class ToPartition implements StreamPartitioner<RoutedKey, byte[]> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, RoutedKey key, byte[] value, int partitions) {
            byte[] wire = key.wire;
            // Without partitions named, Streams would choose one by itself; none at all would drop the record.
            return Optional.of(
                    wire == null
                            ? IntStream.range(0, partitions).boxed().collect(Collectors.toSet())
                            : Set.of(Partitions.of(wire, partitions)));
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
