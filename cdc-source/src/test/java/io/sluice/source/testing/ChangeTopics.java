package io.sluice.source.testing;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer of change topics sees: what is committed, each partition in its order. */
public final class ChangeTopics {

    private final KafkaConnection kafka;
    private final SchemaStore schemas;

    public ChangeTopics(KafkaConnection kafka, SchemaStore schemas) {
        this.kafka = kafka;
        this.schemas = schemas;
    }

    public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return records(List.of(topic)).get(topic);
    }

    public Map<String, List<ConsumerRecord<byte[], byte[]>>> records(List<String> topics) {
        Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        topics.forEach(topic -> records.put(topic, new ArrayList<>()));
        each(topics, record -> records.get(record.topic()).add(record));
        return records;
    }

    /** Hands over one record after the other, and keeps none. */
    private void each(List<String> topics, Consumer<ConsumerRecord<byte[], byte[]>> out) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> places = topics.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(places);
            consumer.seekToBeginning(places);
            // The end that a read_committed consumer is told lags behind a commit by the time its markers take.
            Map<TopicPartition, Long> ends = ends(places);
            while (places.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
                consumer.poll(Duration.ofMillis(100)).forEach(out);
            }
        }
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> places) {
        Map<String, Object> properties = kafka.consumer();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(places);
        }
    }

    /**
     * The changes in the records of one table.
     *
     * @param ordered whether their order must be that of their positions
     */
    public List<Change> changes(List<ConsumerRecord<byte[], byte[]>> records, boolean ordered) {
        List<Change> changes = new ArrayList<>();
        Decoding decoding = new Decoding(ordered);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            // Without key and value it says where a load begins or ends.
            if (record.key() != null || record.value() != null) {
                changes.add(decoding.change(record));
            }
        }
        return changes;
    }

    private final class Decoding {

        private final boolean ordered;
        private final Map<Integer, ChangeDecoder> decoders = new HashMap<>();
        private final Map<Integer, KeyDecoder> keys = new HashMap<>();
        private final Map<Integer, Position> last = new HashMap<>();

        private Decoding(boolean ordered) {
            this.ordered = ordered;
        }

        Change change(ConsumerRecord<byte[], byte[]> record) {
            try {
                ChangeDecoder decoder = decoders.get(Wire.schemaId(record.value()));
                if (decoder == null) {
                    decoder = new ChangeDecoder(schemas.byId(Wire.schemaId(record.value())));
                    decoders.put(Wire.schemaId(record.value()), decoder);
                }
                KeyDecoder key = keys.get(Wire.schemaId(record.key()));
                if (key == null) {
                    key = new KeyDecoder(schemas.byId(Wire.schemaId(record.key())));
                    keys.put(Wire.schemaId(record.key()), key);
                }
                Change change = decoder.decode(record.value(), key.decode(record.key()));
                RecordHeaders headers = RecordHeaders.read(name -> header(record, name));
                if (!headers.provenance().equals(change.provenance())) {
                    throw new AssertionError("headers and record differ");
                }
                Position before =
                        last.put(record.partition(), change.provenance().position());
                if (ordered
                        && before != null
                        && before.compareTo(change.provenance().position()) > 0) {
                    throw new AssertionError("positions go back in partition " + record.partition());
                }
                return change;
            } catch (Exception e) {
                throw new AssertionError("a record can't be read", e);
            }
        }
    }

    /** The marks of loads in a topic's first partition. */
    public List<LoadMarker> marks(String topic) {
        List<LoadMarker> marks = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
            LoadMarker mark = mark(record);
            if (mark != null && record.partition() == 0) {
                marks.add(mark);
            }
        }
        return marks;
    }

    private static LoadMarker mark(ConsumerRecord<byte[], byte[]> record) {
        try {
            return LoadMarker.read(name -> header(record, name));
        } catch (MalformedRecordException e) {
            throw new AssertionError("a mark can't be read", e);
        }
    }

    /**
     * The rows that a reader of one table ends with who lets go what a load that sweeps did not meet.
     *
     * @param seen is handed each change on the way
     */
    public Map<Key, Row> swept(String topic, Consumer<Change> seen) {
        Decoding decoding = new Decoding(false);
        Map<Integer, Swept> partitions = new HashMap<>();
        each(List.of(topic), record -> {
            Swept partition = partitions.computeIfAbsent(record.partition(), none -> new Swept());
            if (record.key() != null || record.value() != null) {
                Change change = decoding.change(record);
                seen.accept(change);
                partition.change(change);
            } else {
                LoadMarker mark = mark(record);
                if (mark != null) {
                    partition.mark(mark);
                }
            }
        });
        Map<Key, Row> rows = new HashMap<>();
        partitions.values().forEach(partition -> rows.putAll(partition.rows));
        return rows;
    }

    /** One partition, for keys never move. */
    private static final class Swept {

        private final Map<Key, Row> rows = new HashMap<>();
        private final Set<Key> seen = new HashSet<>();
        private String load = "";

        void change(Change change) {
            if (change instanceof Change.Upserted upserted) {
                rows.put(upserted.key(), upserted.after());
                seen.add(upserted.key());
            } else if (change instanceof Change.Deleted deleted) {
                rows.remove(deleted.key());
            }
        }

        void mark(LoadMarker mark) {
            if (mark.kind() == LoadMarker.Kind.BEGIN) {
                load = mark.load();
                seen.clear();
            } else if (mark.sweep() && mark.load().equals(load)) {
                rows.keySet().retainAll(seen);
            }
        }
    }

    private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
        return record.headers().lastHeader(name) == null
                ? null
                : record.headers().lastHeader(name).value();
    }
}
