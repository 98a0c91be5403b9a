package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.kafka.LocalKafka;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.topic.Partitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A broker with both sides of a service: writes changes as the source does, reads rows as the sink does. */
final class RunningKafka implements AutoCloseable {

    private final LocalKafka broker = LocalKafka.startTemporary();
    private final KafkaConnection connection =
            KafkaConnection.of(KafkaSpec.at(broker.bootstrapServers()), Pipeline.DEFAULT_MAX_RECORD_BYTES);
    private final KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(connection.producer(), new ByteArraySerializer(), new ByteArraySerializer());

    private final List<Future<RecordMetadata>> sent = new ArrayList<>();

    /** A row record as the sink sees it. */
    record Received(Key key, @Nullable Row row, ConsumerRecord<byte[], byte[]> record) {}

    /** A marker as the sink sees it, and the rows that its partition held before it. */
    record Marked(int partition, LoadMarker marker, int rowsBefore) {}

    KafkaConnection connection() {
        return connection;
    }

    void prepare(ServiceFixture fixture) {
        try (TopicAdmin admin = TopicAdmin.open(connection)) {
            admin.createMissing(new TopicLayout(fixture.pipeline).all(), OptionalInt.empty());
        }
    }

    void send(ServiceFixture fixture, Change change) {
        send(fixture, change, fixture.value(change));
    }

    void send(ServiceFixture fixture, Change change, byte[] value) {
        byte[] key = fixture.key(change);
        int partition = key == null ? 0 : Partitions.of(key, fixture.service.partitionsOf(change.table()));
        sent.add(producer.send(new ProducerRecord<>(fixture.changesOf(change.table()), partition, key, value)));
    }

    /** Sends a marker to every partition of its table's topic, as the source does. */
    void send(ServiceFixture fixture, LoadMarker marker) {
        for (int i = 0; i < fixture.service.partitionsOf(marker.table()); i++) {
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(fixture.changesOf(marker.table()), i, null, null);
            marker.write(record.headers()::add);
            sent.add(producer.send(record));
        }
    }

    void send(ServiceFixture fixture, ReplayRequest request, TableId table) {
        request.records(fixture.names.transformRequests("ledger"), fixture.service.partitionsOf(table)).stream()
                .map(record -> new ProducerRecord<>(
                        record.topic(), record.partition(), record.key(), record.value(), record.headers()))
                .forEach(record -> sent.add(producer.send(record)));
    }

    /** All committed dead letters, once there are that many. */
    List<DeadLetter> letters(ServiceFixture fixture, int atLeast) {
        TopicPartition place = new TopicPartition(fixture.names.deadLetters("ledger"), 0);
        List<DeadLetter> letters = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(connection.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            await().atMost(60, TimeUnit.SECONDS).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    letters.add(DeadLetter.read(record).orElseThrow());
                }
                return letters.size() >= atLeast && consumer.position(place) >= end(consumer, place);
            });
        }
        return letters;
    }

    private static long end(KafkaConsumer<byte[], byte[]> consumer, TopicPartition place) {
        return consumer.endOffsets(List.of(place)).get(place);
    }

    /** Waits until everything that was sent has arrived. */
    void flush() {
        producer.flush();
        for (Future<RecordMetadata> each : sent) {
            assertThat(each).succeedsWithin(Duration.ofSeconds(30));
        }
        sent.clear();
    }

    Reader read(ServiceFixture fixture, TargetTable table) {
        return new Reader(fixture, table);
    }

    /** Reads committed rows of one table from the beginning on. */
    final class Reader implements AutoCloseable {

        private final ServiceFixture fixture;
        private final KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(connection.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        private final List<Received> all = new ArrayList<>();
        private final List<Marked> markers = new ArrayList<>();

        private Reader(ServiceFixture fixture, TargetTable table) {
            this.fixture = fixture;
            List<TopicPartition> partitions = consumer.partitionsFor(fixture.rowsOf(table)).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        /** All that was received so far, after one more poll. */
        List<Received> poll(Duration limit) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(limit)) {
                LoadMarker marker = ServiceFixture.marker(record.headers());
                if (marker != null) {
                    int before = Math.toIntExact(all.stream()
                            .filter(row -> row.record().partition() == record.partition())
                            .count());
                    markers.add(new Marked(record.partition(), marker, before));
                    continue;
                }
                all.add(new Received(
                        fixture.rowKey(record.key()), fixture.row(record.value(), record.headers()), record));
            }
            return all;
        }

        /** All markers that were received so far. */
        List<Marked> markers() {
            return markers;
        }

        List<Received> poll() {
            return poll(Duration.ofMillis(50));
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    @Override
    public void close() {
        producer.close();
        broker.close();
    }
}
