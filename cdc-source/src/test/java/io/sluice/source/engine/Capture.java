package io.sluice.source.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.topic.Names;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;

/** A database, a pipeline over it, and what a consumer of its change topics sees. */
final class Capture implements AutoCloseable {

    static final String SOURCE = "shop";
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Database database;
    final Connection sql;
    final KafkaConnection kafka;
    final SchemaStore schemas;
    final String pipelineName;
    private final List<PostgresSource> started = new ArrayList<>();
    private Pipeline pipeline;

    Capture(String name) throws SQLException {
        this(name, new InMemorySchemaStore());
    }

    Capture(String name, SchemaStore schemas) throws SQLException {
        this.schemas = schemas;
        this.pipelineName = KafkaServer.shared().uniqueName(name).replace('_', '-');
        this.database = PostgresServer.shared().freshDatabase(name);
        this.sql = DriverManager.getConnection(database.jdbcUrl());
        this.kafka = KafkaConnection.of(
                KafkaSpec.at(KafkaServer.shared().bootstrapServers()), Pipeline.DEFAULT_MAX_RECORD_BYTES);
        this.pipeline = pipeline(pipelineName, database.url(), Map.of());
    }

    /** Tables of the schema public, by service. */
    static Pipeline pipeline(String name, String url, Map<String, List<String>> services) {
        SourceSpec plain = SourceSpec.postgresql(SOURCE, url);
        SourceSpec source = new SourceSpec(
                plain.name(),
                plain.kind(),
                plain.connection(),
                Duration.ofMillis(500),
                plain.origins(),
                plain.snapshotWorkers(),
                plain.expected(),
                plain.ignored(),
                plain.place());
        List<ServiceSpec> specs = new ArrayList<>();
        services.forEach((service, tables) -> specs.add(ServiceSpec.eventual(
                service,
                TargetSpec.postgresql("postgresql://nowhere/" + service),
                tables.stream()
                        .map(table -> TableSpec.copy(TargetTable.inDefaultSchema(table), id(table)))
                        .toList())));
        return Pipeline.of(name, List.of(source), specs);
    }

    static TableId id(String table) {
        return new TableId(SOURCE, "public", table);
    }

    Capture reading(String... tables) {
        return reading(Map.of("orders", List.of(tables)));
    }

    Capture reading(Map<String, List<String>> services) {
        pipeline = pipeline(pipelineName, database.url(), new LinkedHashMap<>(services));
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            // A broker may not know at once what it has just created.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(EnvironmentException.class)
                    .until(() -> {
                        admin.createMissing(new TopicLayout(pipeline).all(), OptionalInt.of(1));
                        return true;
                    });
        }
        return this;
    }

    PostgresSource source() {
        PostgresSource source =
                new PostgresSource(pipeline, pipeline.sources().get(0), kafka, schemas, new SimpleMeterRegistry());
        started.add(source);
        return source;
    }

    PostgresSource start() {
        PostgresSource source = source();
        source.prepare();
        source.start();
        return source;
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = sql.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    String query(String select) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(select)) {
            return result.next() ? result.getString(1) : null;
        }
    }

    /** Waits until everything that is in the log now is in Kafka. */
    void awaitCaughtUp(PostgresSource source) throws SQLException {
        execute("SELECT pg_logical_emit_message(true, 'test', '')");
        long end = org.postgresql.replication.LogSequenceNumber.valueOf(query("SELECT pg_current_wal_insert_lsn()"))
                .asLong();
        execute("SELECT pg_logical_emit_message(true, 'test', '')");
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            refuseHalt(source);
            return source.progress().boundary() >= end;
        });
    }

    static void refuseHalt(PostgresSource source) {
        StageStatus status = source.status();
        if (status.state() == StageState.HALTED) {
            throw new AssertionError("halted", status.cause());
        }
    }

    static StageStatus awaitHalt(PostgresSource source) {
        Awaitility.await().atMost(PATIENCE).until(() -> source.status().state() == StageState.HALTED);
        return source.status();
    }

    static void awaitStreaming(PostgresSource source) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            refuseHalt(source);
            return source.progress().tables().stream()
                    .allMatch(table -> table.state() == SourceProgress.State.STREAMING);
        });
    }

    List<Change> changes(String table) {
        return changes("orders", table);
    }

    /** The committed changes of a table, each partition in its order. */
    List<Change> changes(String service, String table) {
        String topic = new Names(pipelineName).changes(service, id(table));
        List<Change> changes = new ArrayList<>();
        Map<Integer, ChangeDecoder> decoders = new HashMap<>();
        Map<Integer, KeyDecoder> keys = new HashMap<>();
        Map<Integer, Position> last = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
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
                RecordHeaders headers =
                        RecordHeaders.read(name -> record.headers().lastHeader(name) == null
                                ? null
                                : record.headers().lastHeader(name).value());
                if (!headers.provenance().equals(change.provenance())) {
                    throw new AssertionError("headers and record differ");
                }
                Position before =
                        last.put(record.partition(), change.provenance().position());
                if (before != null && before.compareTo(change.provenance().position()) > 0) {
                    throw new AssertionError("positions go back in partition " + record.partition());
                }
                changes.add(change);
            } catch (Exception e) {
                throw new AssertionError("a record can't be read", e);
            }
        }
        return changes;
    }

    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> places = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(places);
            consumer.seekToBeginning(places);
            // The end that a read_committed consumer is told lags behind a commit by the time its markers take.
            Map<TopicPartition, Long> ends = ends(places);
            while (places.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> places) {
        Map<String, Object> properties = kafka.consumer();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(places);
        }
    }

    /** The rows that a replay of the changes ends with. */
    static Map<Key, Row> replayed(List<Change> changes) {
        Map<Key, Row> rows = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Upserted upserted) {
                rows.put(upserted.key(), upserted.after());
            } else if (change instanceof Change.Deleted deleted) {
                rows.remove(deleted.key());
            }
        }
        return rows;
    }

    /** What PostgreSQL makes of a query, one line a row, as independent witness. */
    List<String> lines(String select) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(select)) {
            while (result.next()) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    line.append(i == 1 ? "" : "|").append(result.getString(i));
                }
                lines.add(line.toString());
            }
        }
        return lines;
    }

    /** The same of a replay. */
    static List<String> lines(Map<Key, Row> rows) {
        List<String> lines = new ArrayList<>();
        for (Row row : rows.values()) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.schema().size(); i++) {
                line.append(i == 0 ? "" : "|").append(row.value(i));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Override
    public void close() throws SQLException {
        started.forEach(PostgresSource::close);
        // A walsender ends a moment after its client.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                            + " WHERE database = current_database()");
                    return true;
                });
        sql.close();
    }
}
