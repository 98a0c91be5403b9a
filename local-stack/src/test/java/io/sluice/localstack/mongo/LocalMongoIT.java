package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoClientException;
import com.mongodb.MongoCommandException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Updates;
import com.mongodb.connection.ClusterType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.BsonRegularExpression;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.Code;
import org.bson.types.Decimal128;
import org.bson.types.MaxKey;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalMongoIT {

    private LocalMongo mongo;
    private MongoClient client;
    private MongoDatabase database;
    private MongoCollection<Document> users;

    @BeforeEach
    void start() {
        mongo = LocalMongo.startTemporary();
        client = MongoClients.create(mongo.uri());
        database = client.getDatabase("app");
        users = database.getCollection("users");
    }

    @AfterEach
    void stop() {
        client.close();
        mongo.close();
    }

    @Test
    void answersAsThePrimaryOfAReplicaSetWithoutADirectConnection() {
        Document hello = database.runCommand(new Document("hello", 1));

        assertThat(hello.getString("setName")).isEqualTo("rs0");
        assertThat(hello.getList("hosts", String.class)).containsExactly("127.0.0.1:" + mongo.port());
        assertThat(hello).doesNotContainKey("logicalSessionTimeoutMinutes");
        assertThat(client.getClusterDescription().getType()).isEqualTo(ClusterType.REPLICA_SET);
        assertThat(client.getDatabase("admin")
                        .runCommand(new Document("replSetGetStatus", 1))
                        .getInteger("myState"))
                .isEqualTo(1);
    }

    @Test
    void createsReadsUpdatesAndDeletes() {
        users.insertOne(new Document("_id", 1).append("name", "a"));
        users.insertMany(List.of(new Document("_id", 2).append("name", "b"), new Document("_id", 3)));
        users.updateOne(Filters.eq("_id", 2), Updates.set("name", "c"));
        users.replaceOne(Filters.eq("_id", 4), new Document("name", "d"), new ReplaceOptions().upsert(true));
        users.findOneAndUpdate(Filters.eq("_id", 3), Updates.set("name", "e"));
        users.deleteOne(Filters.eq("_id", 1));

        assertThat(users.find().sort(new Document("_id", 1)))
                .containsExactly(
                        new Document("_id", 2).append("name", "c"),
                        new Document("_id", 3).append("name", "e"),
                        new Document("_id", 4).append("name", "d"));
        assertThat(users.countDocuments()).isEqualTo(3);
    }

    @Test
    void sendsTheOperationTimeWithEveryReplyAndRaisesItWithEachChange() {
        BsonTimestamp before = operationTime();
        users.insertMany(List.of(new Document(), new Document()));
        BsonTimestamp after = operationTime();

        assertThat(after).isGreaterThan(before);
        assertThat(operationTime()).isEqualTo(after);
    }

    private BsonTimestamp operationTime() {
        return database.runCommand(new Document("ping", 1)).get("operationTime", BsonTimestamp.class);
    }

    @Test
    void keepsEveryTypeThatDataComesIn() {
        Document every = new Document("_id", new ObjectId())
                .append("int", Integer.MIN_VALUE)
                .append("long", Long.MAX_VALUE)
                .append("double", Double.MIN_VALUE)
                .append("nan", Double.NaN)
                .append("infinite", Double.NEGATIVE_INFINITY)
                .append("decimal", Decimal128.parse("-9.999999999999999999999999999999999E+6144"))
                .append("decimalNan", Decimal128.NaN)
                .append("decimalScale", Decimal128.parse("1.10"))
                .append("text", "\u00e4\u0000\ud83d\ude00")
                .append("boolean", true)
                .append("nothing", null)
                .append("date", Date.from(Instant.parse("0001-01-01T00:00:00Z")))
                .append("lateDate", Date.from(Instant.ofEpochMilli(Long.MAX_VALUE)))
                .append("timestamp", new BsonTimestamp(-1, -1))
                .append("binary", new Binary(new byte[] {0, -1}))
                .append("uuid", new Binary((byte) 4, new byte[16]))
                .append("regex", new BsonRegularExpression("^a.*\\d", "im"))
                .append("code", new Code("return 1"))
                .append("min", new MinKey())
                .append("max", new MaxKey())
                .append("nested", new Document("z", 1).append("a", List.of(1, "x", new Document("b", null), List.of())))
                .append("empty", new Document());
        try (Events events = Events.open(users.watch())) {
            users.insertOne(every);

            assertThat(events.next().getFullDocument()).isEqualTo(every);
        }
        assertThat(users.find().first()).isEqualTo(every);
        assertThat(List.copyOf(users.find().first().keySet())).isEqualTo(List.copyOf(every.keySet()));
    }

    @Test
    void sendsALargeResultInSeveralBatches() {
        List<Document> many = IntStream.range(0, 5_000)
                .mapToObj(id -> new Document("_id", id).append("text", "x".repeat(100)))
                .toList();
        users.insertMany(many);

        assertThat(users.find().sort(new Document("_id", 1))).containsExactlyElementsOf(many);
        assertThat(users.find().batchSize(7).sort(new Document("_id", 1))).containsExactlyElementsOf(many);
        assertThat(users.find().sort(new Document("_id", 1)).limit(150)).hasSize(150);
        assertThat(users.aggregate(List.of(new Document("$match", new Document("_id", new Document("$lt", 300))))))
                .hasSize(300);
    }

    @Test
    void sendsDocumentsThatTogetherExceedAMessage() {
        byte[] large = new byte[9 * 1024 * 1024];
        IntStream.range(0, 7).forEach(id -> users.insertOne(new Document("_id", id).append("data", large)));

        assertThat(users.find()).hasSize(7);
    }

    @Test
    void listsWhatIsThere() {
        users.insertOne(new Document());
        database.createCollection("empty");

        assertThat(client.listDatabaseNames()).containsExactly("admin", "app", "config", "local");
        assertThat(database.listCollectionNames()).containsExactly("empty", "users");
        assertThat(database.listCollections().filter(Filters.eq("name", "users")))
                .hasSize(1);
        assertThat(client.getDatabase("admin").listCollectionNames()).isEmpty();
    }

    @Test
    void countsOnlyWhatWasInserted() {
        users.insertOne(new Document("_id", 2));
        List<Document> batch = List.of(new Document("_id", 1), new Document("_id", 2), new Document("_id", 3));

        assertThatThrownBy(() -> users.insertMany(batch))
                .isInstanceOfSatisfying(
                        MongoBulkWriteException.class,
                        e -> assertThat(e.getWriteResult().getInsertedCount()).isEqualTo(1));
        assertThatThrownBy(() -> users.insertMany(batch, new InsertManyOptions().ordered(false)))
                .isInstanceOfSatisfying(
                        MongoBulkWriteException.class,
                        e -> assertThat(e.getWriteResult().getInsertedCount()).isEqualTo(1));
        assertThat(users.countDocuments()).isEqualTo(3);
    }

    @Test
    void keepsAUniqueIndex() {
        users.createIndex(new Document("email", 1), new IndexOptions().unique(true));
        users.insertOne(new Document("email", "a"));

        assertThatThrownBy(() -> users.insertOne(new Document("email", "a"))).hasMessageContaining("E11000");
    }

    @Test
    void refusesAnUpdateThatMakesADocumentTooLargeAndKeepsTheOldOne() {
        users.insertOne(new Document("_id", 1).append("a", new byte[9 * 1024 * 1024]));

        assertThatThrownBy(() -> users.updateOne(Filters.eq(1), Updates.set("b", new byte[8 * 1024 * 1024])))
                .hasMessageContaining("larger than");
        assertThat(users.find().first()).containsOnlyKeys("_id", "a");
    }

    @Test
    void refusesWhatItCantDoRatherThanIgnoreIt() {
        users.insertOne(new Document("_id", 1));

        assertThatThrownBy(() -> users.updateOne(Filters.eq(1), List.of(new Document("$set", new Document("a", "$b")))))
                .hasMessageContaining("real mongod");
        assertThatThrownBy(() -> database.createView("view", "users", List.of()))
                .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(238));
        assertThatThrownBy(() -> database.runCommand(Document.parse(
                        "{insert: 'users', documents: [{a: 1}], txnNumber: {$numberLong: '1'}, autocommit: false}")))
                .hasMessageContaining("transactions");
        assertThatThrownBy(() ->
                        users.aggregate(List.of(new Document("$out", "copy"))).toCollection())
                .hasMessageContaining("$out");
        assertThatThrownBy(() -> {
                    try (ClientSession session = client.startSession()) {
                        users.insertOne(session, new Document());
                    }
                })
                .isInstanceOf(MongoClientException.class);
        assertThat(users.find()).containsExactly(new Document("_id", 1));
    }

    @Test
    void readsASnapshotThatLaterWritesDoNotReach() {
        users.insertMany(IntStream.range(0, 300)
                .mapToObj(id -> new Document("_id", id).append("v", 0))
                .toList());
        Document reply = database.runCommand(
                new Document("find", "users").append("readConcern", new Document("level", "snapshot")));
        users.updateMany(new Document(), Updates.set("v", 1));
        Document cursor = reply.get("cursor", Document.class);
        List<Document> read = new ArrayList<>(cursor.getList("firstBatch", Document.class));
        Document rest =
                database.runCommand(new Document("getMore", cursor.getLong("id")).append("collection", "users"));
        read.addAll(rest.get("cursor", Document.class).getList("nextBatch", Document.class));

        assertThat(read).hasSize(300).allSatisfy(document -> assertThat(document)
                .containsEntry("v", 0));
        assertThat(cursor.get("atClusterTime", BsonTimestamp.class)).isNotNull();
    }

    @Test
    void readsTheSameAgainAtAPastTimeWhateverHappenedSince() {
        users.insertMany(List.of(
                new Document("_id", 1).append("v", 0),
                new Document("_id", 2).append("v", 0),
                new Document("_id", 4).append("v", 0)));
        BsonTimestamp time = operationTime();
        users.updateOne(Filters.eq(1), Updates.set("v", 1));
        users.updateOne(Filters.eq(1), Updates.set("v", 2));
        users.deleteOne(Filters.eq(2));
        users.insertOne(new Document("_id", 3).append("v", 3));

        assertThat(findAt(time, new Document("sort", new Document("_id", 1))))
                .containsExactly(
                        new Document("_id", 1).append("v", 0),
                        new Document("_id", 2).append("v", 0),
                        new Document("_id", 4).append("v", 0));
        assertThat(findAt(time, new Document("filter", Filters.in("_id", 2, 3))))
                .containsExactly(new Document("_id", 2).append("v", 0));
        assertThat(findAt(
                        time,
                        new Document("sort", new Document("_id", 1))
                                .append("hint", new Document("_id", 1))
                                .append("min", new Document("_id", 2))
                                .append("limit", 1)))
                .containsExactly(new Document("_id", 2).append("v", 0));
        users.drop();
        assertThatThrownBy(() -> findAt(time, new Document()))
                .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(239));
    }

    private List<Document> findAt(BsonTimestamp time, Document options) {
        Document command = new Document("find", "users")
                .append("readConcern", new Document("level", "snapshot").append("atClusterTime", time));
        command.putAll(options);
        return database.runCommand(command).get("cursor", Document.class).getList("firstBatch", Document.class);
    }

    @Test
    void readsFromABoundAcrossTypesOfKeys() {
        users.insertMany(List.of(new Document("_id", 5), new Document("_id", "a"), new Document("_id", 7L)));

        assertThat(users.find()
                        .sort(new Document("_id", 1))
                        .hint(new Document("_id", 1))
                        .min(new Document("_id", 6)))
                .containsExactly(new Document("_id", 7L), new Document("_id", "a"));
    }

    @Test
    void showsHowFarTheOplogReachesBack() {
        users.insertOne(new Document("_id", 1));
        users.insertOne(new Document("_id", 2));
        users.insertOne(new Document("_id", 3));
        MongoCollection<Document> oplog = client.getDatabase("local").getCollection("oplog.rs");

        Document oldest = oplog.find().sort(new Document("$natural", 1)).first();
        Document newest = oplog.find().sort(new Document("$natural", -1)).first();

        assertThat(oldest.get("ts", BsonTimestamp.class)).isLessThan(newest.get("ts", BsonTimestamp.class));
        assertThat(newest.get("ts", BsonTimestamp.class)).isEqualTo(operationTime());
    }

    @Test
    void clientsComeBackAfterTheirConnectionsWereCut() {
        users.insertOne(new Document("_id", 1));

        mongo.severConnections();

        Awaitility.await().ignoreExceptions().untilAsserted(() -> assertThat(users.countDocuments())
                .isEqualTo(1));
    }

    @Test
    void forgetsACursorThatWasClosed() {
        users.insertMany(
                IntStream.range(0, 10).mapToObj(id -> new Document("_id", id)).toList());
        long id;
        try (MongoCursor<Document> cursor = users.find().batchSize(2).iterator()) {
            cursor.next();
            id = cursor.getServerCursor().getId();
        }

        assertThatThrownBy(() -> database.runCommand(new Document("getMore", id).append("collection", "users")))
                .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(43));
        assertThat(Set.of(id)).doesNotContain(0L);
    }
}
