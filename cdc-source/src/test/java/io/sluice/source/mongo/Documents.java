package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
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
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.request.RequestTopic;
import io.sluice.source.testing.ChangeTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;

/** A MongoDB database, a pipeline over it, and what a consumer of its change topics sees. */
final class Documents implements AutoCloseable {

    static final String SOURCE = "shop";
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final String uri;
    final MongoClient client;
    final MongoDatabase database;
    final KafkaConnection kafka;
    final SchemaStore schemas;
    final String pipelineName;
    private final ChangeTopics topics;
    private final List<MongoSource> started = new ArrayList<>();
    private final List<String> databases = new ArrayList<>();
    private Pipeline pipeline;

    Documents(String name) {
        this(name, MongoServer.shared().uri(), KafkaServer.shared().bootstrapServers(), new InMemorySchemaStore());
    }

    Documents(String name, String uri) {
        this(name, uri, KafkaServer.shared().bootstrapServers(), new InMemorySchemaStore());
    }

    Documents(String name, String uri, String bootstrap, SchemaStore schemas) {
        this.uri = uri;
        this.schemas = schemas;
        this.pipelineName = KafkaServer.shared().uniqueName(name).replace('_', '-');
        this.client = MongoClients.create(uri);
        this.database = database(name);
        this.kafka = KafkaConnection.of(KafkaSpec.at(bootstrap), Pipeline.DEFAULT_MAX_RECORD_BYTES);
        this.topics = new ChangeTopics(kafka, schemas);
        this.pipeline = pipeline(pipelineName, uri, database.getName(), Map.of());
    }

    /** Another database beside the one that is there from the beginning. */
    MongoDatabase database(String name) {
        String unique = MongoServer.shared().uniqueName(name);
        databases.add(unique);
        return client.getDatabase(unique);
    }

    /** Collections by service; one of another database is written with it, {@code database/collection}. */
    static Pipeline pipeline(String name, String uri, String database, Map<String, List<String>> services) {
        SourceSpec plain = SourceSpec.mongodb(SOURCE, uri);
        SourceSpec source = new SourceSpec(
                plain.name(),
                plain.kind(),
                plain.connection(),
                Duration.ofMillis(300),
                plain.origins(),
                plain.snapshotWorkers(),
                plain.expected(),
                plain.ignored(),
                plain.place());
        List<ServiceSpec> specs = new ArrayList<>();
        services.forEach((service, collections) -> specs.add(ServiceSpec.eventual(
                service,
                TargetSpec.postgresql("postgresql://nowhere/" + service),
                collections.stream()
                        .map(collection -> TableSpec.copy(
                                TargetTable.inDefaultSchema(collection.replace('/', '_')), id(database, collection)))
                        .toList())));
        return Pipeline.of(name, List.of(source), specs);
    }

    private static TableId id(String database, String collection) {
        int slash = collection.indexOf('/');
        return slash < 0
                ? new TableId(SOURCE, database, collection)
                : new TableId(SOURCE, collection.substring(0, slash), collection.substring(slash + 1));
    }

    TableId id(String collection) {
        return id(database.getName(), collection);
    }

    MongoCollection<Document> collection(String name) {
        return database.getCollection(name);
    }

    MongoCollection<BsonDocument> raw(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    /** A new collection that keeps images before and after each change. */
    MongoCollection<Document> withImages(String name) {
        database.createCollection(
                name,
                new CreateCollectionOptions()
                        .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        return collection(name);
    }

    MongoCollection<Document> withoutImages(String name) {
        database.createCollection(name);
        return collection(name);
    }

    Documents reading(String... collections) {
        return reading(Map.of("orders", List.of(collections)));
    }

    Documents reading(Map<String, List<String>> services) {
        pipeline = pipeline(pipelineName, uri, database.getName(), new LinkedHashMap<>(services));
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

    MongoSource source() {
        MongoSource source =
                new MongoSource(pipeline, pipeline.sources().get(0), kafka, schemas, new SimpleMeterRegistry());
        started.add(source);
        return source;
    }

    MongoSource start() {
        MongoSource source = source();
        source.start();
        return source;
    }

    /** Waits until everything that was acknowledged by now is in Kafka. */
    void awaitCaughtUp(MongoSource source) {
        BsonTimestamp now = database.runCommand(new Document("ping", 1)).get("operationTime", BsonTimestamp.class);
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            refuseHalt(source);
            return Long.compareUnsigned(source.progress().boundary(), now.getValue()) >= 0 && isStreaming(source);
        });
    }

    static void refuseHalt(MongoSource source) {
        StageStatus status = source.status();
        if (status.state() == StageState.HALTED) {
            throw new AssertionError("halted", status.cause());
        }
    }

    static StageStatus awaitHalt(MongoSource source) {
        Awaitility.await().atMost(PATIENCE).until(() -> source.status().state() == StageState.HALTED);
        return source.status();
    }

    static void awaitStreaming(MongoSource source) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            refuseHalt(source);
            return isStreaming(source);
        });
    }

    private static boolean isStreaming(MongoSource source) {
        return source.progress().tables().stream()
                .allMatch(table -> table.state() == SourceProgress.State.STREAMING
                        || table.state() == SourceProgress.State.HALTED);
    }

    void awaitHalted(MongoSource source, String collection) {
        awaitState(source, collection, SourceProgress.State.HALTED);
    }

    void awaitStreamingOf(MongoSource source, String collection) {
        awaitState(source, collection, SourceProgress.State.STREAMING);
    }

    private void awaitState(MongoSource source, String collection, SourceProgress.State state) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            refuseHalt(source);
            return source.progress().tables().stream()
                    .anyMatch(table -> table.table().equals(id(collection)) && table.state() == state);
        });
    }

    /** Leaves a request, as an operator does. */
    void ask(LoadRequest request) throws InterruptedException {
        new RequestTopic(new Names(pipelineName).sourceRequests()).send(kafka, request);
    }

    MongoState stored() {
        MongoStateRecords records = new MongoStateRecords(new Names(pipelineName).sourceState(SOURCE), SOURCE);
        return records.state(new StateReader(kafka, new StateRecords(records.topic(), SOURCE)).entries());
    }

    List<Change> changes(String collection) {
        return changes("orders", collection);
    }

    String topic(String service, String collection) {
        return new Names(pipelineName).changes(service, id(collection));
    }

    /** The committed changes of a collection, each partition in its order. */
    List<Change> changes(String service, String collection) {
        return topics.changes(topics.records(topic(service, collection)), true);
    }

    /** The markers of a topic's first partition. */
    List<LoadMarker> markers(String service, String collection) {
        return topics.marks(topic(service, collection));
    }

    /** The documents that a replay of the changes ends with, by the text of their key. */
    static Map<String, BsonDocument> replayed(List<Change> changes) {
        Map<String, BsonDocument> documents = new TreeMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Upserted upserted) {
                documents.put((String) upserted.key().part(0), document(upserted.after()));
            } else if (change instanceof Change.Deleted deleted) {
                documents.remove((String) deleted.key().part(0));
            }
        }
        return documents;
    }

    /** Refuses a document whose {@code v} goes back. */
    static void refuseOlder(List<Change> changes) {
        Map<Object, Integer> last = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Upserted upserted) {
                BsonDocument after = document(upserted.after());
                int version = after.containsKey("v") ? after.getInt32("v").getValue() : 0;
                Integer before = last.put(upserted.key().part(0), version);
                if (before != null && before > version) {
                    throw new AssertionError(after.get("_id") + " goes back from " + before + " to " + version);
                }
            }
        }
    }

    static BsonDocument document(Row row) {
        return BsonDocument.parse((String) row.value("document"));
    }

    /** What the collection holds, read by the driver's own codec as independent witness. */
    List<BsonDocument> held(String collection) {
        return raw(collection).find().into(new ArrayList<>());
    }

    @Override
    public void close() {
        started.forEach(MongoSource::close);
        databases.forEach(name -> client.getDatabase(name).drop());
        client.close();
    }
}
