package io.sluice.localstack.mongo;

import static com.mongodb.client.model.changestream.OperationType.DELETE;
import static com.mongodb.client.model.changestream.OperationType.DROP;
import static com.mongodb.client.model.changestream.OperationType.INSERT;
import static com.mongodb.client.model.changestream.OperationType.INVALIDATE;
import static com.mongodb.client.model.changestream.OperationType.REPLACE;
import static com.mongodb.client.model.changestream.OperationType.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoNamespace;
import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.FullDocumentBeforeChange;
import io.sluice.localstack.LocalServerException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeIT {

    @TempDir
    private Path folder;

    private LocalMongo mongo;
    private MongoClient client;
    private MongoDatabase database;
    private MongoCollection<Document> users;

    private void start(LocalMongo.Settings settings) {
        mongo = LocalMongo.start(settings);
        client = MongoClients.create(mongo.uri());
        database = client.getDatabase("app");
        users = database.getCollection("users");
    }

    @AfterEach
    void stop() {
        client.close();
        mongo.close();
    }

    private void restart() {
        stop();
        start(LocalMongo.Settings.in(folder));
    }

    private BsonTimestamp operationTime() {
        return database.runCommand(new Document("ping", 1)).get("operationTime", BsonTimestamp.class);
    }

    private static void assertFails(int code, ChangeStreamIterable<Document> stream) {
        assertThatThrownBy(() -> Events.open(stream))
                .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(code));
    }

    @Test
    void goesOnAfterEachKindOfEvent() {
        start(LocalMongo.Settings.temporary());
        List<ChangeStreamDocument<Document>> all;
        try (Events events = Events.open(database.watch())) {
            users.insertOne(new Document("_id", 1).append("a", 1));
            users.updateOne(Filters.eq(1), Updates.set("a", 2));
            users.replaceOne(Filters.eq(1), new Document("b", 1));
            users.deleteOne(Filters.eq(1));
            users.drop();
            database.getCollection("x").insertOne(new Document("_id", 5));
            all = events.next(6);
        }
        assertThat(all.stream().map(ChangeStreamDocument::getOperationType))
                .containsExactly(INSERT, UPDATE, REPLACE, DELETE, DROP, INSERT);

        for (int index = 0; index < all.size() - 1; index++) {
            BsonDocument token = all.get(index).getResumeToken();
            try (Events resumed = Events.open(database.watch().resumeAfter(token));
                    Events started = Events.open(database.watch().startAfter(token))) {
                int left = all.size() - 1 - index;
                assertThat(resumed.next(left)).isEqualTo(all.subList(index + 1, all.size()));
                assertThat(started.next(left)).isEqualTo(all.subList(index + 1, all.size()));
            }
        }
    }

    @Test
    void goesOnFromThePositionOfAStreamThatSawNothingOfItsOwn() {
        start(LocalMongo.Settings.temporary());
        BsonDocument position;
        try (Events events = Events.open(users.watch())) {
            database.getCollection("other").insertOne(new Document());
            assertThat(events.now()).isNull();
            position = events.position();
        }
        users.insertOne(new Document("_id", 1));
        database.getCollection("other").insertOne(new Document());
        users.insertOne(new Document("_id", 2));

        try (Events events = Events.open(users.watch().resumeAfter(position))) {
            assertThat(events.next(2))
                    .extracting(event -> event.getDocumentKey().getInt32("_id").getValue())
                    .containsExactly(1, 2);
        }
    }

    @Test
    void startsAtAnOperationTimeWithTheEventOfThatTime() {
        start(LocalMongo.Settings.temporary());
        BsonTimestamp fresh = operationTime();
        users.insertOne(new Document("_id", 1));
        BsonTimestamp ofFirst = operationTime();
        users.insertOne(new Document("_id", 2));

        try (Events all = Events.open(users.watch().startAtOperationTime(fresh));
                Events fromFirst = Events.open(users.watch().startAtOperationTime(ofFirst))) {
            assertThat(all.next().getClusterTime()).isEqualTo(ofFirst);
            assertThat(fromFirst.next(2))
                    .extracting(ChangeStreamDocument::getClusterTime)
                    .containsExactly(ofFirst, operationTime());
        }
    }

    @Test
    void goesOnPastTheEndOfAStreamOnlyWithStartAfter() {
        start(LocalMongo.Settings.temporary());
        users.insertOne(new Document("_id", 1));
        BsonDocument drop;
        BsonDocument invalidate;
        try (Events events = Events.open(users.watch())) {
            users.drop();
            drop = events.next().getResumeToken();
            invalidate = events.next().getResumeToken();
        }
        users.insertOne(new Document("_id", 2));

        try (Events events = Events.open(users.watch().startAfter(invalidate))) {
            assertThat(events.next().getOperationType()).isEqualTo(INSERT);
        }
        try (Events events = Events.open(users.watch().resumeAfter(drop))) {
            assertThat(events.next().getOperationType()).isEqualTo(INVALIDATE);
        }
        assertFails(260, users.watch().resumeAfter(invalidate));
    }

    @Test
    void refusesAPositionItNeverGave() {
        start(LocalMongo.Settings.temporary());
        users.insertOne(new Document("_id", 1));

        assertFails(260, users.watch().resumeAfter(new BsonDocument("_data", new BsonString("8299"))));
        assertFails(286, users.watch().resumeAfter(new BsonDocument("_data", new BsonString("82000000010000000101"))));
        assertFails(286, users.watch().resumeAfter(new BsonDocument("_data", new BsonString("827FFFFFFF0000000101"))));
        assertFails(286, users.watch().startAtOperationTime(new BsonTimestamp(1, 1)));
    }

    @Test
    void refusesEveryPositionFromBeforeARollOver() {
        start(LocalMongo.Settings.temporary());
        BsonDocument ofEvent;
        BsonDocument idle;
        BsonTimestamp time;
        try (Events events = Events.open(users.watch())) {
            users.insertOne(new Document("_id", 1));
            ofEvent = events.next().getResumeToken();
            database.getCollection("other").insertOne(new Document());
            assertThat(events.now()).isNull();
            idle = events.position();
            time = operationTime();

            mongo.rollOver();

            assertFails(286, users.watch().resumeAfter(ofEvent));
            assertFails(286, users.watch().startAfter(idle));
            assertFails(286, users.watch().startAtOperationTime(time));
            assertThatThrownBy(events::next)
                    .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                            .isEqualTo(286));
        }
        try (Events events = Events.open(users.watch().startAtOperationTime(operationTime()))) {
            users.insertOne(new Document("_id", 2));
            assertThat(events.next().getDocumentKey().getInt32("_id").getValue())
                    .isEqualTo(2);
        }
    }

    @Test
    void forgetsTheOldestOfABoundedHistoryAndNeverSkipsWhatItForgot() {
        start(LocalMongo.Settings.temporary().withHistory(10));
        List<ChangeStreamDocument<Document>> events;
        try (Events stream = Events.open(users.watch())) {
            users.insertMany(IntStream.range(0, 10)
                    .mapToObj(id -> new Document("_id", id))
                    .toList());
            events = stream.next(10);
        }
        users.insertMany(List.of(new Document("_id", 10), new Document("_id", 11), new Document("_id", 12)));

        assertFails(286, users.watch().resumeAfter(events.get(2).getResumeToken()));
        try (Events stream = Events.open(users.watch().resumeAfter(events.get(3).getResumeToken()))) {
            assertThat(stream.next(9))
                    .extracting(event -> event.getDocumentKey().getInt32("_id").getValue())
                    .containsExactly(4, 5, 6, 7, 8, 9, 10, 11, 12);
        }
    }

    @Test
    void streamsGoOnByThemselvesAfterTheirConnectionWasCut() {
        start(LocalMongo.Settings.temporary());
        try (Events events = Events.open(users.watch())) {
            users.insertOne(new Document("_id", 1));
            events.next();

            mongo.severConnections();
            Awaitility.await().ignoreExceptions().until(() -> users.countDocuments() == 1);
            users.insertOne(new Document("_id", 2));

            assertThat(events.next().getDocumentKey().getInt32("_id").getValue())
                    .isEqualTo(2);
        }
    }

    @Test
    void keepsDocumentsIndexesOptionsAndPositionsOverARestart() {
        start(LocalMongo.Settings.in(folder));
        database.createCollection(
                "kept",
                new CreateCollectionOptions()
                        .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        users.createIndex(new Document("email", 1), new IndexOptions().unique(true));
        BsonDocument position;
        try (Events events = Events.open(client.watch())) {
            users.insertOne(new Document("_id", 1).append("email", "a"));
            position = events.next().getResumeToken();
        }
        MongoCollection<Document> kept = database.getCollection("kept");
        kept.insertOne(new Document("_id", "k").append("v", 1));
        users.updateOne(Filters.eq(1), Updates.set("email", "b"));
        users.insertOne(new Document("_id", 2).append("email", "c"));
        users.deleteOne(Filters.eq(2));
        database.getCollection("old").insertOne(new Document("_id", 3));
        database.getCollection("old").renameCollection(new MongoNamespace("app", "new"));
        database.getCollection("new").insertOne(new Document("_id", 5));
        database.getCollection("gone").insertOne(new Document("_id", 4));
        database.getCollection("gone").drop();
        BsonTimestamp before = operationTime();

        restart();

        assertThat(operationTime()).isEqualTo(before);
        assertThat(users.find()).containsExactly(new Document("_id", 1).append("email", "b"));
        assertThat(database.getCollection("new").find())
                .containsExactlyInAnyOrder(new Document("_id", 3), new Document("_id", 5));
        assertThat(database.listCollectionNames()).containsExactly("kept", "new", "users");
        assertThatThrownBy(() -> users.insertOne(new Document("email", "b"))).hasMessageContaining("E11000");
        try (Events events = Events.open(client.watch()
                .resumeAfter(position)
                .fullDocumentBeforeChange(FullDocumentBeforeChange.WHEN_AVAILABLE))) {
            assertThat(events.nextTypes(9))
                    .extracting(Enum::name)
                    .containsExactly(
                            "INSERT", "UPDATE", "INSERT", "DELETE", "INSERT", "RENAME", "INSERT", "INSERT", "DROP");
            database.getCollection("kept").updateOne(Filters.eq("k"), Updates.set("v", 2));
            ChangeStreamDocument<Document> update = events.next();
            assertThat(update.getClusterTime()).isGreaterThan(before);
            assertThat(update.getFullDocumentBeforeChange()).containsEntry("v", 1);
        }
    }

    @Test
    void survivesManyRestartsWithWritesBetweenThem() {
        start(LocalMongo.Settings.in(folder));
        String address = mongo.uri();
        BsonTimestamp first = operationTime();
        for (int round = 0; round < 5; round++) {
            users.insertOne(new Document("_id", round));
            restart();
        }

        assertThat(mongo.uri()).isEqualTo(address);
        assertThat(users.countDocuments()).isEqualTo(5);
        try (Events events = Events.open(users.watch().startAtOperationTime(first))) {
            assertThat(events.next(5))
                    .extracting(ChangeStreamDocument::getOperationType)
                    .containsOnly(INSERT);
        }
    }

    @Test
    void aFolderInUseIsRefused() {
        start(LocalMongo.Settings.in(folder));

        assertThatThrownBy(() -> LocalMongo.start(folder))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("Another process");
    }
}
