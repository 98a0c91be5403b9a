package io.sluice.sink;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.consume.Bounds;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A service with a sink, on real servers, and a stand-in for the transform before it. */
public final class SinkRig {

    public static final String SERVICE = "engine";
    public static final int PARTITIONS = 3;

    /** Everything faster, so that tests of waiting do not wait. */
    public static final SinkSettings QUICK = new SinkSettings(
            2_000,
            4L << 20,
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofMillis(50),
            Duration.ofMillis(500),
            Duration.ofMillis(500),
            Duration.ofSeconds(6),
            100,
            Duration.ofMillis(100),
            Duration.ofMillis(20),
            Duration.ofMillis(200));

    final KafkaConnection kafka;
    final Pipeline pipeline;
    final ServiceSpec service;
    final Database database;
    final SchemaStore schemas = new InMemorySchemaStore();
    final MeterRegistry meters = new SimpleMeterRegistry();

    /** The rig of a pipeline that may exist already, in another process. */
    public SinkRig(String bootstrap, String name, Database database, List<TargetTable> tables) {
        this(database, bootstrap, name, Consistency.EVENTUAL, copies(tables));
    }

    /** The same of a strong service. */
    static SinkRig strong(String bootstrap, String name, Database database, List<TargetTable> tables) {
        return new SinkRig(database, bootstrap, name, Consistency.STRONG, copies(tables));
    }

    /** The same of a service in which a person decides who prevails. */
    static SinkRig deciding(String bootstrap, String name, Database database, TargetTable table, String by) {
        TableSpec spec = TableSpec.builder(table, new TableId("monolith", "public", table.table()))
                .conflict(new ConflictSpec(ConflictSpec.Resolution.MANUAL, Optional.of(by), true, Place.NOWHERE))
                .build();
        return new SinkRig(database, bootstrap, name, Consistency.EVENTUAL, List.of(spec));
    }

    boolean decides() {
        return service.tables().get(0).conflict().resolve() == ConflictSpec.Resolution.MANUAL;
    }

    private static List<TableSpec> copies(List<TargetTable> tables) {
        return tables.stream()
                .map(table -> TableSpec.copy(table, new TableId("monolith", "public", table.table())))
                .toList();
    }

    /** The rig of a service whose target is prepared by the database's owner and written by another user. */
    static SinkRig writtenBy(KafkaServer server, Database writer, Database owner, String name, TargetTable... tables) {
        TargetSpec spec = TargetSpec.postgresql(writer.url());
        TargetSpec target = new TargetSpec(
                spec.kind(),
                spec.connection(),
                Optional.of(Secret.of(owner.url())),
                Optional.empty(),
                false,
                Place.NOWHERE);
        return at(server, target, owner, name, tables);
    }

    private SinkRig(Database database, String bootstrap, String name, Consistency consistency, List<TableSpec> specs) {
        this(TargetSpec.postgresql(database.url()), database, bootstrap, name, consistency, specs);
    }

    private SinkRig(
            TargetSpec target,
            Database database,
            String bootstrap,
            String name,
            Consistency consistency,
            List<TableSpec> specs) {
        this.database = database;
        this.service = new ServiceSpec(
                SERVICE,
                target,
                consistency,
                OptionalInt.of(PARTITIONS),
                io.sluice.schemas.pipeline.DeadLettersSpec.DEFAULT,
                specs,
                Place.NOWHERE);
        this.pipeline = Pipeline.of(name, List.of(), List.of(service));
        this.kafka = KafkaConnection.of(KafkaSpec.at(bootstrap), Pipeline.DEFAULT_MAX_RECORD_BYTES);
    }

    public static SinkRig create(KafkaServer server, Database database, String name, TargetTable... tables) {
        SinkRig rig = new SinkRig(server.bootstrapServers(), server.uniqueName(name), database, List.of(tables));
        rig.createTopics();
        return rig;
    }

    /** The rig of a service that goes on at all costs. */
    static SinkRig bestEffort(KafkaServer server, Database database, String name, TableSpec... tables) {
        SinkRig rig = new SinkRig(
                database, server.bootstrapServers(), server.uniqueName(name), Consistency.BEST_EFFORT, List.of(tables));
        rig.createTopics();
        return rig;
    }

    static SinkRig of(KafkaServer server, Database database, String name, TableSpec... tables) {
        SinkRig rig = new SinkRig(
                database, server.bootstrapServers(), server.uniqueName(name), Consistency.EVENTUAL, List.of(tables));
        rig.createTopics();
        return rig;
    }

    static SinkRig strongOf(KafkaServer server, Database database, String name, TableSpec... tables) {
        SinkRig rig = new SinkRig(
                database, server.bootstrapServers(), server.uniqueName(name), Consistency.STRONG, List.of(tables));
        rig.createTopics();
        return rig;
    }

    static SinkRig at(KafkaServer server, TargetSpec target, Database database, String name, TargetTable... tables) {
        SinkRig rig = new SinkRig(
                target,
                database,
                server.bootstrapServers(),
                server.uniqueName(name),
                Consistency.EVENTUAL,
                copies(List.of(tables)));
        rig.createTopics();
        return rig;
    }

    static SinkRig strong(KafkaServer server, Database database, String name, TargetTable... tables) {
        SinkRig rig = strong(server.bootstrapServers(), server.uniqueName(name), database, List.of(tables));
        rig.createTopics();
        return rig;
    }

    void createTopics() {
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            TopicLayout layout = new TopicLayout(pipeline);
            List<TopicSpec> topics = new ArrayList<>(layout.changes(service));
            topics.addAll(layout.rows(service));
            topics.addAll(layout.transformOwn(service));
            topics.add(layout.deadLetters(service));
            admin.createMissing(topics, OptionalInt.empty());
        }
    }

    /** Deletes the row topics and makes them again. */
    void recreateTopics() {
        List<String> names = topicNames();
        admin(admin -> admin.deleteTopics(names).all());
        await().ignoreExceptions().untilAsserted(this::createTopics);
    }

    private List<String> topicNames() {
        return new TopicLayout(pipeline)
                .rows(service).stream().map(TopicSpec::name).toList();
    }

    /** Deletes the first records of each partition, as retention would. */
    void expire(long offset) {
        Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
        partitions().forEach(partition -> deletions.put(partition, RecordsToDelete.beforeOffset(offset)));
        admin(admin -> admin.deleteRecords(deletions).all());
    }

    /** Sets the sink's offsets in Kafka to the beginning. */
    void rewindGroup() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions().forEach(partition -> offsets.put(partition, new OffsetAndMetadata(0)));
        String group = new Names(pipeline.name()).sinkGroup(SERVICE);
        admin(admin -> admin.alterConsumerGroupOffsets(group, offsets).all());
    }

    private List<TopicPartition> partitions() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topicNames()) {
            for (int i = 0; i < PARTITIONS; i++) {
                partitions.add(new TopicPartition(topic, i));
            }
        }
        return partitions;
    }

    private void admin(Function<Admin, KafkaFuture<Void>> work) {
        try (Admin admin = Admin.create(kafka.admin())) {
            work.apply(admin).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public SinkStage sink() {
        return sink(QUICK);
    }

    public SinkStage sink(SinkSettings settings) {
        return new SinkStage(pipeline, service, kafka, schemas, meters, Clock.systemUTC(), settings);
    }

    /** A sink that takes a transaction's bounds for nothing. */
    SinkStage careless(SinkSettings settings) {
        return new SinkStage(pipeline, service, kafka, schemas, meters, Clock.systemUTC(), settings, Bounds.IGNORED);
    }

    public SinkStage prepared(Map<TargetTable, RowSchema> rows) {
        SinkStage sink = sink();
        sink.prepare(rows);
        return sink;
    }

    public RowProducer producer() {
        return new RowProducer(
                kafka,
                pipeline.name(),
                SERVICE,
                schemas,
                service.isStrong() ? 1 : PARTITIONS,
                "transform",
                service.isStrong());
    }

    /** Deletes the topic of the dead letters. */
    void deleteLetters() {
        admin(admin -> admin.deleteTopics(List.of(new Names(pipeline.name()).deadLetters(SERVICE)))
                .all());
    }

    /** Leaves a request about the row that this letter tells of. */
    void ask(HeldRequest.Action action, DeadLetter letter) {
        ask(new HeldRequest(action, letter.topic(), letter.partition(), letter.key(), letter.offset()));
    }

    void ask(HeldRequest request) {
        send(request.record(new Names(pipeline.name()).transformRequests(SERVICE)));
    }

    /** Leaves a request about all that is held now. */
    void askAll(HeldRequest.Action action) {
        requests(action).forEach(this::ask);
    }

    /** A request for each partition about all that is held in it now. */
    List<HeldRequest> requests(HeldRequest.Action action) {
        return query("SELECT topic, partition, max(record_offset) FROM sluice.parked GROUP BY 1, 2 ORDER BY 1, 2")
                .stream()
                .map(line -> line.split("[|]", -1))
                .map(held -> new HeldRequest(action, held[0], Integer.parseInt(held[1]), null, Long.parseLong(held[2])))
                .toList();
    }

    /**
     * Leaves a record where the source of this table does.
     *
     * @return the offset behind it
     */
    long publishChange(TargetTable table) {
        return send(new ProducerRecord<>(changesOf(table).topic(), 0, new byte[0], new byte[0]))
                        .offset()
                + 1;
    }

    /** Says for the transform that it has come so far in what {@link #publishChange} sent. */
    void transformHasPassed(TargetTable table, long offset) {
        String group = new Names(pipeline.name()).transformApplication(SERVICE);
        admin(admin -> admin.alterConsumerGroupOffsets(group, Map.of(changesOf(table), new OffsetAndMetadata(offset)))
                .all());
    }

    private TopicPartition changesOf(TargetTable table) {
        return new TopicPartition(
                new Names(pipeline.name()).changes(SERVICE, new TableId("monolith", "public", table.table())), 0);
    }

    private RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            return producer.send(record).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The service's dead letters, each once, in the order in which they were written. */
    List<DeadLetter> letters() {
        Map<String, DeadLetter> letters = new LinkedHashMap<>();
        for (DeadLetter letter : lettersAsWritten()) {
            letters.putIfAbsent(letter.topic() + "-" + letter.partition() + "@" + letter.offset(), letter);
        }
        return List.copyOf(letters.values());
    }

    List<DeadLetter> lettersAsWritten() {
        TopicPartition partition = new TopicPartition(new Names(pipeline.name()).deadLetters(SERVICE), 0);
        List<DeadLetter> letters = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> letters.add(DeadLetter.read(record).orElseThrow()));
            }
        }
        return letters;
    }

    public void execute(String sql) {
        execute(database, sql);
    }

    static void execute(Database database, String sql) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl());
    }

    /** Each row as its values' texts, joined. */
    public List<String> query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(rows.getString(i));
                }
                found.add(String.join("|", values.stream().map(String::valueOf).toList()));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
