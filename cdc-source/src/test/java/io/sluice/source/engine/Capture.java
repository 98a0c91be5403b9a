package io.sluice.source.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.topic.Names;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.publish.KafkaSilence;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.request.RequestTopic;
import io.sluice.source.testing.ChangeTopics;
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
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;

/** A database, a pipeline over it, and what a consumer of its change topics sees. */
final class Capture implements AutoCloseable {

    static final String SOURCE = "shop";
    /** The service of this name is a strong one, and applies a TRUNCATE. */
    static final String STRONG = "ledger";

    /** The service of this name wants its tables read again after a TRUNCATE. */
    static final String RESNAPSHOTTING = "search";

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Database database;
    Connection sql;
    final KafkaConnection kafka;
    final SchemaStore schemas;
    final String pipelineName;
    private final ChangeTopics topics;
    private final List<PostgresSource> started = new ArrayList<>();
    private Pipeline pipeline;
    private UnaryOperator<SourceSpec> adjustment = UnaryOperator.identity();

    Capture(String name) throws SQLException {
        this(name, new InMemorySchemaStore());
    }

    Capture(String name, PostgresServer server) throws SQLException {
        this(name, new InMemorySchemaStore(), server);
    }

    Capture(String name, SchemaStore schemas) throws SQLException {
        this(name, schemas, PostgresServer.shared());
    }

    Capture(String name, SchemaStore schemas, PostgresServer server) throws SQLException {
        this(name, schemas, server.freshDatabase(name), KafkaServer.shared().bootstrapServers());
    }

    Capture(String name, SchemaStore schemas, Database database, String brokers) throws SQLException {
        this(name, schemas, database, KafkaConnection.of(KafkaSpec.at(brokers), Pipeline.DEFAULT_MAX_RECORD_BYTES));
    }

    /** No record may be larger than this. */
    static Capture limitedTo(int maxRecordBytes, String name) throws SQLException {
        return new Capture(
                name,
                new InMemorySchemaStore(),
                PostgresServer.shared().freshDatabase(name),
                KafkaConnection.of(KafkaSpec.at(KafkaServer.shared().bootstrapServers()), maxRecordBytes));
    }

    private Capture(String name, SchemaStore schemas, Database database, KafkaConnection kafka) throws SQLException {
        this.schemas = schemas;
        this.pipelineName = KafkaServer.shared().uniqueName(name).replace('_', '-');
        this.database = database;
        this.sql = DriverManager.getConnection(database.jdbcUrl());
        this.kafka = kafka;
        this.topics = new ChangeTopics(kafka, schemas);
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
        services.forEach((service, tables) -> {
            TargetSpec target = TargetSpec.postgresql("postgresql://nowhere/" + service);
            boolean strong = service.equals(STRONG);
            List<TableSpec> copies = tables.stream()
                    .map(table -> TableSpec.builder(TargetTable.inDefaultSchema(table), id(table))
                            .onTruncate(onTruncate(service))
                            .build())
                    .toList();
            specs.add(
                    strong
                            ? ServiceSpec.strong(service, target, copies)
                            : ServiceSpec.eventual(service, target, copies));
        });
        return Pipeline.of(name, List.of(source), specs);
    }

    private static TruncatePolicy onTruncate(String service) {
        return switch (service) {
            case STRONG -> TruncatePolicy.APPLY;
            case RESNAPSHOTTING -> TruncatePolicy.RESNAPSHOT;
            default -> TruncatePolicy.HALT;
        };
    }

    static TableId id(String table) {
        return new TableId(SOURCE, "public", table);
    }

    /** What {@link #reading} makes differs from the usual in this. */
    Capture adjusting(UnaryOperator<SourceSpec> change) {
        adjustment = change;
        return this;
    }

    Capture reading(String... tables) {
        return reading(Map.of("orders", List.of(tables)));
    }

    Capture reading(Map<String, List<String>> services) {
        Pipeline plain = pipeline(pipelineName, database.url(), new LinkedHashMap<>(services));
        pipeline = Pipeline.of(
                pipelineName, List.of(adjustment.apply(plain.sources().get(0))), plain.services());
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

    /** What the strong service reads. */
    List<String> readInOrder() {
        return pipeline.services().stream()
                .filter(ServiceSpec::isStrong)
                .flatMap(service -> service.reads().stream())
                .map(TableId::table)
                .toList();
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

    /** After the server was gone for a while. */
    void reconnect() throws SQLException {
        Connections.abort(sql);
        sql = DriverManager.getConnection(database.jdbcUrl());
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

    /** Stops it; the server takes a moment to notice. */
    void stop(PostgresSource source) {
        source.close();
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> "0"
                .equals(query(
                        "SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND active")));
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

    /** Waits until that table is halted, and the source is not. */
    static SluiceException awaitTableHalt(PostgresSource source, String table) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            refuseHalt(source);
            return progress(source, table).halt() != null;
        });
        return Objects.requireNonNull(progress(source, table).halt());
    }

    static void awaitState(PostgresSource source, String table, SourceProgress.State state) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            refuseHalt(source);
            return progress(source, table).state() == state;
        });
    }

    static SourceProgress.Table progress(PostgresSource source, String table) {
        return source.progress().tables().stream()
                .filter(each -> each.table().equals(id(table)))
                .findFirst()
                .orElseThrow();
    }

    /** Leaves a request as an operator does. */
    void ask(LoadRequest request) throws InterruptedException {
        new RequestTopic(new Names(pipelineName).sourceRequests()).send(kafka, request);
    }

    /** The marks of loads in the first partition of a table's change topic. */
    List<LoadMarker> marks(String service, String table) {
        return topics.marks(new Names(pipelineName).changes(service, id(table)));
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

    /** The committed changes of a table, each partition in its order, whatever that is. */
    List<Change> changesAsTheyAre(String table) {
        return changes("orders", table, false);
    }

    /** The committed changes of a table, each partition in its order, which must be that of their positions. */
    List<Change> changes(String service, String table) {
        return changes(service, table, true);
    }

    private List<Change> changes(String service, String table, boolean ordered) {
        return topics.changes(records(new Names(pipelineName).changes(service, id(table))), ordered);
    }

    /** The changes in the records of one table. */
    List<Change> decoded(List<ConsumerRecord<byte[], byte[]>> records) {
        return topics.changes(records, true);
    }

    /** What the source has stored of itself. */
    SourceState stored() {
        return new StateReader(kafka, new StateRecords(new Names(pipelineName).sourceState(SOURCE), SOURCE)).read();
    }

    /** As the next instance would: what a killed one left open keeps every reader waiting. */
    void endOpenTransaction() {
        TransactionalPublisher.open(
                        kafka,
                        new Names(pipelineName).sourceTransactionalId(SOURCE),
                        new StateRecords(new Names(pipelineName).sourceState(SOURCE), SOURCE),
                        new KafkaSilence())
                .close();
    }

    /**
     * The rows of a table that a reader ends with who sweeps.
     *
     * @param seen is handed each change on the way
     */
    Map<Key, Row> swept(String table, Consumer<Change> seen) {
        return topics.swept(new Names(pipelineName).changes("orders", id(table)), seen);
    }

    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return topics.records(topic);
    }

    /** The committed records of each topic, each partition in its order. */
    Map<String, List<ConsumerRecord<byte[], byte[]>>> records(List<String> names) {
        return topics.records(names);
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
