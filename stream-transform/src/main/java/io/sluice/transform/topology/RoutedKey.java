package io.sluice.transform.topology;

import io.sluice.schemas.topic.Partitions;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;

/** An encoded key that knows its topic: so one sink node serves every row topic without looking anything up. */
final class RoutedKey {

    private final String topic;
    private final byte[] wire;

    RoutedKey(String topic, byte[] wire) {
        this.topic = topic;
        this.wire = wire;
    }

    String topic() {
        return topic;
    }

    byte[] wire() {
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

    /** Takes the partition from the key's bytes, as every producer of Sluice does. */
    static final class ToPartition implements StreamPartitioner<RoutedKey, byte[]> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, RoutedKey key, byte[] value, int partitions) {
            return Optional.of(Set.of(Partitions.of(key.wire, partitions)));
        }
    }

    /** The bytes as they are. */
    static final class ToBytes implements Serializer<RoutedKey> {
        @Override
        public byte[] serialize(String topic, RoutedKey key) {
            return key.wire;
        }
    }
}
