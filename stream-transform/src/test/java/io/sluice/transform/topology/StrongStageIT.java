package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole transactions across kills, lost files, and transactions of the source's producer that were given up. */
class StrongStageIT {

    /** Far more than one poll or one commit of the transform. */
    private static final int MANY = 6_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final ServiceFixture fixture =
            new ServiceFixture("strong", schemas, 1, Consistency.STRONG, DeadLettersSpec.DEFAULT);
    private final Map<String, Integer> sent = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    private long boundary;

    @Test
    void transactionsStayWholeOnceAndInOrderWhereverTheTransformIsKilled() throws Exception {
        fixture.registerAll();
        try (RunningKafka kafka = new RunningKafka();
                KafkaProducer<byte[], byte[]> source = producer(kafka);
                KafkaConsumer<byte[], byte[]> sink = new KafkaConsumer<>(
                        kafka.connection().consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            kafka.prepare(fixture);
            source.initTransactions();
            List<Received> received = new ArrayList<>();
            TopicPartition rows = new TopicPartition(fixture.names.rowsInOrder("ledger"), 0);
            sink.assign(List.of(rows));
            sink.seekToBeginning(List.of(rows));
            for (int kill = 0; kill < 2; kill++) {
                send(source, 3, true);
                send(source, MANY, false);
                send(source, MANY, true);
                int before = received.size();
                Process child = ChildTransform.startStrong(
                        "strong", kafka.connection().bootstrap(), folder.resolve("child" + kill));
                try {
                    // Into the large one, and dead before its end.
                    await().atMost(60, TimeUnit.SECONDS).until(() -> poll(sink, received) > before + 100);
                } finally {
                    child.destroyForcibly().waitFor();
                }
                send(source, 5, true);
            }
            try (TransformStage stage = new TransformStage(
                    fixture.pipeline,
                    fixture.service,
                    kafka.connection(),
                    schemas,
                    new SimpleMeterRegistry(),
                    folder.resolve("stage"))) {
                stage.start();
                await().atMost(60, TimeUnit.SECONDS).until(() -> {
                    poll(sink, received);
                    return ends(received) == order.size();
                });
            }
            assertWhole(received);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(RunningKafka kafka) {
        Map<String, Object> settings = new HashMap<>(kafka.connection().producer());
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "source");
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends a transaction of that many changes; one that is not kept leaves its records in the topic, without effect. */
    private void send(KafkaProducer<byte[], byte[]> source, int changes, boolean keep) {
        boundary += 100;
        String name = "t" + boundary + (keep ? "" : " given up");
        TransactionMarker begin = TransactionMarker.begin(name, new Position(1, boundary, 0), boundary);
        List<Future<RecordMetadata>> arriving = new ArrayList<>();
        source.beginTransaction();
        arriving.add(source.send(bound(begin)));
        for (int i = 0; i < changes; i++) {
            Change.Upserted change = fixture.accounts.insert(boundary * 100_000 + i, name, BigDecimal.ONE);
            arriving.add(source.send(new ProducerRecord<>(
                    fixture.names.changesInOrder("ledger"), 0, fixture.key(change), fixture.value(change))));
        }
        arriving.add(source.send(bound(begin.end(new Position(1, boundary + 50, 0), changes))));
        source.flush();
        assertThat(arriving).allSatisfy(each -> assertThat(each).isDone());
        if (keep) {
            source.commitTransaction();
            sent.put(name, changes);
            order.add(name);
        } else {
            source.abortTransaction();
        }
    }

    private ProducerRecord<byte[], byte[]> bound(TransactionMarker marker) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(fixture.names.changesInOrder("ledger"), 0, null, null);
        marker.write(record.headers()::add);
        return record;
    }

    /** A bound, or a row of the transaction with that name. */
    private record Received(@Nullable TransactionMarker bound, @Nullable String transaction) {}

    private int poll(KafkaConsumer<byte[], byte[]> sink, List<Received> into) throws MalformedRecordException {
        for (ConsumerRecord<byte[], byte[]> record : sink.poll(Duration.ofMillis(50))) {
            TransactionMarker bound = TransactionMarker.read(name -> {
                Header header = record.headers().lastHeader(name);
                return header == null ? null : header.value();
            });
            into.add(new Received(bound, bound != null ? null : owner(record)));
        }
        return into.size();
    }

    /** Of accounts only: the other target has no such column. */
    private @Nullable String owner(ConsumerRecord<byte[], byte[]> record) {
        var row = fixture.row(record.value(), record.headers());
        return row == null || row.schema().indexOf("owner") < 0 ? null : String.valueOf(row.value("owner"));
    }

    private static long ends(List<Received> received) {
        return received.stream()
                .filter(each -> each.bound() != null && each.bound().kind() == TransactionMarker.Kind.END)
                .count();
    }

    private void assertWhole(List<Received> received) {
        List<String> seen = new ArrayList<>();
        TransactionMarker open = null;
        int rows = 0;
        int owned = 0;
        for (Received each : received) {
            TransactionMarker bound = each.bound();
            if (bound == null) {
                assertThat(open).as("a row outside a transaction").isNotNull();
                rows++;
                if (each.transaction() != null) {
                    assertThat(each.transaction()).isEqualTo(open.transaction());
                    owned++;
                }
            } else if (bound.kind() == TransactionMarker.Kind.BEGIN) {
                assertThat(open).isNull();
                open = bound;
                rows = 0;
                owned = 0;
            } else {
                assertThat(open).isNotNull();
                assertThat(bound.transaction()).isEqualTo(open.transaction());
                assertThat(bound.changes()).isEqualTo(rows).isEqualTo(2L * sent.get(bound.transaction()));
                assertThat(owned).isEqualTo(sent.get(bound.transaction()));
                seen.add(bound.transaction());
                open = null;
            }
        }
        assertThat(seen).isEqualTo(order);
    }
}
