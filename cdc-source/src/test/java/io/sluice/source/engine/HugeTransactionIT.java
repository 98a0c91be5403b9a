package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.topic.Names;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Transactions and rows that are larger than the memory they pass through. */
class HugeTransactionIT {

    private static final int ROWS = Integer.getInteger("ROWS", 500_000);
    /** The transaction alone is several times as much. */
    private static final String HEAP = "160m";

    private static final int MARKERS = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(120 + ROWS / 5_000);

    @Test
    void aTransactionOfAnySizePassesWholeThroughASmallHeap() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("huge", schemas)) {
            capture.execute("CREATE TABLE items (id bigint PRIMARY KEY, body text)");
            capture.reading("items");
            try (CaptureProcess process = CaptureProcess.start(capture, registry.url(), HEAP, "items")) {
                awaitSlot(capture, process);
                capture.execute("INSERT INTO items SELECT i, md5(i::text) || repeat('x', 170) FROM generate_series(1, "
                        + ROWS + ") i");

                Progress progress = new Progress(capture);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> {
                            process.refuseEnd();
                            return progress.isThrough();
                        });
                assertThat(progress.sawHidden)
                        .as("what is under way is hidden until all of it is there")
                        .isTrue();
            }
            Seen seen = new Seen(schemas);
            seen.readAll(capture);
            assertThat(seen.ids.cardinality()).isEqualTo(ROWS);
            assertThat(seen.orders.cardinality()).isEqualTo(ROWS);
            assertThat(seen.transactions).hasSize(1);
        }
    }

    @Test
    void rowsOfSeveralMegabytesPassThroughASmallHeap() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("wide", schemas)) {
            capture.execute(
                    "CREATE TABLE items (id bigint PRIMARY KEY, body text, raw bytea)",
                    "INSERT INTO items SELECT i, repeat('0123456789', 400000), decode(repeat('ab', 1000000), 'hex')"
                            + " FROM generate_series(1, 20) i");
            capture.reading("items");
            try (CaptureProcess process = CaptureProcess.start(capture, registry.url(), "256m", "items")) {
                awaitSlot(capture, process);
                capture.execute("INSERT INTO items SELECT i, repeat('0123456789', 400000),"
                        + " decode(repeat('ab', 1000000), 'hex') FROM generate_series(21, 40) i");
                String end = capture.query("SELECT pg_current_wal_lsn()");
                Seen seen = new Seen(schemas);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> {
                            process.refuseEnd();
                            return "t"
                                    .equals(capture.query("SELECT confirmed_flush_lsn >= '" + end
                                            + "' FROM pg_replication_slots WHERE database = current_database()"));
                        });
                seen.readAll(capture);
                assertThat(seen.ids.cardinality()).isEqualTo(40);
                assertThat(seen.bodyLength).isEqualTo(4_000_000);
            }
        }
    }

    private static void awaitSlot(Capture capture, CaptureProcess process) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            process.refuseEnd();
            return "t"
                    .equals(capture.query(
                            "SELECT active FROM pg_replication_slots WHERE database = current_database()"));
        });
    }

    /** What a consumer could see of the transaction while it came. */
    private static final class Progress {

        private final Capture capture;
        private boolean sawHidden;

        Progress(Capture capture) {
            this.capture = capture;
        }

        boolean isThrough() {
            long visible = ends(capture, "read_committed");
            long written = ends(capture, "read_uncommitted");
            // A load's markers and those of commits have places too.
            if (visible < MARKERS) {
                sawHidden |= written > ROWS / 4;
                return false;
            }
            assertThat(visible).isGreaterThanOrEqualTo(ROWS);
            return true;
        }
    }

    private static long ends(Capture capture, String isolation) {
        Map<String, Object> properties = capture.kafka.consumer();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(places(consumer, capture)).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    private static List<TopicPartition> places(KafkaConsumer<?, ?> consumer, Capture capture) {
        String topic = new Names(capture.pipelineName).changes("orders", Capture.id("items"));
        return consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /** Everything that was committed, of which only numbers are kept. */
    private static final class Seen {

        private final SchemaStore schemas;
        private final BitSet ids = new BitSet();
        private final BitSet orders = new BitSet();
        private final Map<String, Position> transactions = new HashMap<>();
        private int bodyLength;

        Seen(SchemaStore schemas) {
            this.schemas = schemas;
        }

        void readAll(Capture capture) throws Exception {
            try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                    capture.kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                List<TopicPartition> places = places(consumer, capture);
                consumer.assign(places);
                consumer.seekToBeginning(places);
                Map<TopicPartition, Long> ends = consumer.endOffsets(places);
                ChangeDecoder decoder = null;
                KeyDecoder keys = null;
                while (places.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                        if (record.value() == null) {
                            continue;
                        }
                        if (decoder == null || keys == null) {
                            decoder = new ChangeDecoder(schemas.byId(Wire.schemaId(record.value())));
                            keys = new KeyDecoder(schemas.byId(Wire.schemaId(record.key())));
                        }
                        take((Change.Upserted) decoder.decode(record.value(), keys.decode(record.key())));
                    }
                }
            }
        }

        private void take(Change.Upserted change) {
            int id = ((Number) Objects.requireNonNull(change.after().value("id"))).intValue();
            assertThat(ids.get(id)).as("row %s comes once", id).isFalse();
            ids.set(id);
            orders.set((int) change.provenance().position().order());
            transactions.put(
                    String.valueOf(change.provenance().transaction()),
                    change.provenance().position());
            bodyLength = String.valueOf(change.after().value("body")).length();
        }
    }
}
