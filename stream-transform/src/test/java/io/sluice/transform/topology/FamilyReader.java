package io.sluice.transform.topology;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of all {@link Families} and looks, change by change, whether what it became is there: whole, in part or more than
 * once. All that one change became stands in one Kafka transaction.
 */
final class FamilyReader implements AutoCloseable {

    private final ServiceFixture fixture;
    private final Families families;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions = new ArrayList<>();
    /** What came of each change, by the partition and offset of it. */
    private final List<Map<Long, Became>> became = new ArrayList<>();

    private final Map<String, String> rows = new TreeMap<>();
    private long changes;
    private long halves;
    private long doubled;

    /** So many records of each kind came of a change. */
    private static final class Became {

        private int parents;
        private int lines;
        private int lost;
        /** Of another version than the change. */
        private int foreign;

        void add(Key key, @Nullable String text, Families.Version version) {
            if (key.size() == 1) {
                parents++;
            } else if (text == null) {
                lost++;
            } else {
                lines++;
            }
            boolean isOfVersion = text == null ? version.isDeleted() || key.size() > 1 : text.equals(version.text());
            if (!isOfVersion || !key.part(0).equals(version.order())) {
                foreign++;
            }
        }

        private boolean isDoubled(Families.Version version) {
            return parents > 1 || lines > Math.max(0, version.lines()) || lost > version.lost();
        }

        private boolean isHalf(Families.Version version) {
            return foreign > 0 || parents < 1 || lines < version.lines() || lost < version.lost();
        }
    }

    /**
     * @param halves changes of which something is missing, or of another version
     * @param doubled changes of which something is there again
     */
    record Look(long halves, long doubled) {}

    FamilyReader(RunningKafka kafka, ServiceFixture fixture, Families families, IsolationLevel isolation) {
        this.fixture = fixture;
        this.families = families;
        Map<String, Object> settings = new HashMap<>(kafka.connection().consumer());
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString());
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        for (TargetTable table : List.of(ServiceFixture.ORDERS_COPY, ServiceFixture.LINES)) {
            consumer.partitionsFor(fixture.rowsOf(table))
                    .forEach(each -> partitions.add(new TopicPartition(each.topic(), each.partition())));
        }
        families.sent().forEach(each -> became.add(new HashMap<>()));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads to what is the end now, for this reader. */
    FamilyReader read() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
            consumer.poll(Duration.ofMillis(20)).forEach(this::take);
        }
        return this;
    }

    /** So many changes anything that was read came of. */
    long changes() {
        return changes;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Origin origin = ServiceFixture.headers(record.headers()).origin();
        Families.Version version = families.sent().get(origin.partition()).get(Math.toIntExact(origin.offset()));
        Map<Long, Became> there = became.get(origin.partition());
        Became of = there.get(origin.offset());
        if (of == null) {
            of = new Became();
            there.put(origin.offset(), of);
            changes++;
        } else {
            halves -= of.isHalf(version) ? 1 : 0;
            doubled -= of.isDoubled(version) ? 1 : 0;
        }
        Key key = fixture.rowKey(record.key());
        Row row = fixture.row(record.value(), record.headers());
        String text = row == null ? null : String.valueOf(row.value("customer")).strip();
        of.add(key, text, version);
        halves += of.isHalf(version) ? 1 : 0;
        doubled += of.isDoubled(version) ? 1 : 0;
        if (text == null) {
            rows.remove(name(key));
        } else {
            rows.put(name(key), text);
        }
    }

    private static String name(Key key) {
        List<Object> parts = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            parts.add(key.part(i));
        }
        return parts.toString();
    }

    /** At what was read. */
    Look look() {
        return new Look(halves, doubled);
    }

    /** What is left when all that was read is applied, each row with its text. */
    Map<String, String> rows() {
        return rows;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
