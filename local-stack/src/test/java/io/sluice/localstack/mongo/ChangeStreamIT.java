package io.sluice.localstack.mongo;

import static com.mongodb.client.model.changestream.OperationType.DELETE;
import static com.mongodb.client.model.changestream.OperationType.DROP;
import static com.mongodb.client.model.changestream.OperationType.DROP_DATABASE;
import static com.mongodb.client.model.changestream.OperationType.INSERT;
import static com.mongodb.client.model.changestream.OperationType.INVALIDATE;
import static com.mongodb.client.model.changestream.OperationType.RENAME;
import static com.mongodb.client.model.changestream.OperationType.REPLACE;
import static com.mongodb.client.model.changestream.OperationType.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.RenameCollectionOptions;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.FullDocument;
import com.mongodb.client.model.changestream.FullDocumentBeforeChange;
import com.mongodb.client.model.changestream.OperationType;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeStreamIT {

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
    void showsToEachScopeWhatIsInIt() {
        try (Events deployment = Events.open(client.watch());
                Events ofDatabase = Events.open(database.watch());
                Events collection = Events.open(users.watch())) {
            client.getDatabase("other").getCollection("users").insertOne(new Document("_id", 1));
            client.getDatabase("local").getCollection("hidden").insertOne(new Document("_id", 2));
            database.getCollection("orders").insertOne(new Document("_id", 3));
            users.insertOne(new Document("_id", 4));

            assertThat(ids(deployment.next(3))).containsExactly(1, 3, 4);
            assertThat(ids(ofDatabase.next(2))).containsExactly(3, 4);
            ChangeStreamDocument<Document> event = collection.next();
            assertThat(ids(List.of(event))).containsExactly(4);
            assertThat(event.getNamespace()).isEqualTo(users.getNamespace());
            assertThat(event.getClusterTime()).isNotNull();
            assertThat(event.getWallTime()).isNotNull();
        }
    }

    private static List<Integer> ids(List<ChangeStreamDocument<Document>> events) {
        return events.stream()
                .map(event -> event.getDocumentKey().getInt32("_id").getValue())
                .toList();
    }

    @Test
    void namesEachKindOfWriteAsAMongodDoes() {
        try (Events events = Events.open(users.watch())) {
            users.insertOne(new Document("_id", 1).append("a", 1));
            users.updateOne(Filters.eq(1), Updates.set("a", 2));
            users.replaceOne(Filters.eq(1), new Document("b", 1));
            users.updateOne(Filters.eq(2), Updates.set("a", 1), new UpdateOptions().upsert(true));
            users.findOneAndUpdate(Filters.eq(2), Updates.inc("a", 1));
            users.findOneAndReplace(Filters.eq(2), new Document("c", 1));
            users.findOneAndDelete(Filters.eq(2));
            users.deleteMany(new Document());

            assertThat(events.nextTypes(8))
                    .containsExactly(INSERT, UPDATE, REPLACE, INSERT, UPDATE, REPLACE, DELETE, DELETE);
        }
    }

    @Test
    void staysSilentAboutAWriteThatChangesNothing() {
        users.insertOne(new Document("_id", 1).append("a", 1));
        try (Events events = Events.open(users.watch())) {
            users.updateOne(Filters.eq(1), Updates.set("a", 1));
            users.deleteOne(Filters.eq(7));
            assertThatThrownBy(() -> users.insertOne(new Document("_id", 1))).hasMessageContaining("E11000");
            users.insertOne(new Document("_id", 2));

            assertThat(ids(events.next(1))).containsExactly(2);
        }
    }

    @Test
    void describesAnUpdateAndTellsMissingFromNull() {
        users.insertOne(Document.parse("{_id: 1, a: 1, b: 2, n: {x: 1, y: 2}, list: [1, 2, 3]}"));
        try (Events events = Events.open(users.watch())) {
            users.updateOne(
                    Filters.eq(1),
                    Updates.combine(
                            Updates.set("a", null),
                            Updates.unset("b"),
                            Updates.set("n.x", 5),
                            Updates.unset("n.y"),
                            Updates.popLast("list")));

            ChangeStreamDocument<Document> event = events.next();
            assertThat(event.getFullDocument()).isNull();
            BsonDocument updated = event.getUpdateDescription().getUpdatedFields();
            assertThat(updated).containsOnlyKeys("a", "n.x");
            assertThat(updated.get("a")).isEqualTo(BsonNull.VALUE);
            assertThat(event.getUpdateDescription().getRemovedFields()).containsExactlyInAnyOrder("b", "n.y");
            assertThat(event.getUpdateDescription().getTruncatedArrays())
                    .singleElement()
                    .satisfies(array -> {
                        assertThat(array.getField()).isEqualTo("list");
                        assertThat(array.getNewSize()).isEqualTo(2);
                    });
        }
    }

    @Test
    void looksUpTheDocumentAsItIsWhenTheEventIsRead() {
        users.insertOne(new Document("_id", 1).append("a", 1));
        users.insertOne(new Document("_id", 2).append("a", 1));
        try (Events events = Events.open(users.watch().fullDocument(FullDocument.UPDATE_LOOKUP))) {
            users.updateOne(Filters.eq(1), Updates.set("a", 2));
            users.updateOne(Filters.eq(1), Updates.set("a", 3));
            users.updateOne(Filters.eq(2), Updates.set("a", 2));
            users.deleteOne(Filters.eq(2));

            List<ChangeStreamDocument<Document>> read = events.next(4);
            assertThat(read.get(0).getFullDocument()).containsEntry("a", 3);
            assertThat(read.get(1).getFullDocument()).containsEntry("a", 3);
            assertThat(read.get(2).getFullDocument()).isNull();
        }
    }

    @Test
    void carriesTheImagesOfTheMomentWhereTheyAreKept() {
        database.createCollection(
                "kept",
                new CreateCollectionOptions()
                        .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        MongoCollection<Document> kept = database.getCollection("kept");
        try (Events events = Events.open(kept.watch()
                .fullDocument(FullDocument.REQUIRED)
                .fullDocumentBeforeChange(FullDocumentBeforeChange.REQUIRED))) {
            kept.insertOne(new Document("_id", 1).append("a", 1));
            kept.updateOne(Filters.eq(1), Updates.set("a", 2));
            kept.updateOne(Filters.eq(1), Updates.set("a", 3));
            kept.replaceOne(Filters.eq(1), new Document("b", 4));
            kept.deleteOne(Filters.eq(1));

            List<ChangeStreamDocument<Document>> read = events.next(5);
            assertThat(read.get(0).getFullDocumentBeforeChange()).isNull();
            assertThat(read.get(1).getFullDocumentBeforeChange()).containsEntry("a", 1);
            assertThat(read.get(1).getFullDocument()).containsEntry("a", 2);
            assertThat(read.get(2).getFullDocumentBeforeChange()).containsEntry("a", 2);
            assertThat(read.get(2).getFullDocument()).containsEntry("a", 3);
            assertThat(read.get(3).getFullDocumentBeforeChange()).containsEntry("a", 3);
            assertThat(read.get(4).getFullDocumentBeforeChange()).containsEntry("b", 4);
        }
    }

    @Test
    void keepsImagesFromTheMomentTheyAreSwitchedOn() {
        users.insertOne(new Document("_id", 1).append("a", 1));
        try (Events events =
                Events.open(users.watch().fullDocumentBeforeChange(FullDocumentBeforeChange.WHEN_AVAILABLE))) {
            users.updateOne(Filters.eq(1), Updates.set("a", 2));
            database.runCommand(Document.parse("{collMod: 'users', changeStreamPreAndPostImages: {enabled: true}}"));
            users.updateOne(Filters.eq(1), Updates.set("a", 3));

            assertThat(events.next().getFullDocumentBeforeChange()).isNull();
            assertThat(events.next().getFullDocumentBeforeChange()).containsEntry("a", 2);
        }
        assertThat(database.listCollections().first().get("options", Document.class))
                .containsKey("changeStreamPreAndPostImages");
    }

    @Test
    void failsWhereAnImageIsRequiredAndNotKept() {
        users.insertOne(new Document("_id", 1));
        try (Events events = Events.open(users.watch().fullDocumentBeforeChange(FullDocumentBeforeChange.REQUIRED))) {
            users.insertOne(new Document("_id", 2));
            users.deleteOne(Filters.eq(1));

            assertThat(events.next().getOperationType()).isEqualTo(INSERT);
            assertThatThrownBy(events::next).hasMessageContaining("pre-image");
        }
    }

    @Test
    void appliesTheStagesOfThePipeline() {
        try (Events events = Events.open(database.watch(List.of(
                Document.parse("{$match: {operationType: {$in: ['insert']}, 'ns.coll': /^us/}}"),
                Document.parse("{$set: {added: 7}}"))))) {
            database.getCollection("orders").insertOne(new Document("_id", 1));
            users.insertOne(new Document("_id", 2));
            users.deleteOne(Filters.eq(2));
            users.insertOne(new Document("_id", 3));

            List<ChangeStreamDocument<Document>> read = events.next(2);
            assertThat(ids(read)).containsExactly(2, 3);
            assertThat(read.get(0).getExtraElements().getInt32("added").getValue())
                    .isEqualTo(7);
        }
        assertThatThrownBy(() -> Events.open(users.watch(List.of(Document.parse("{$sort: {_id: 1}}")))))
                .hasMessageContaining("not permitted");
    }

    @Test
    void endsAStreamOfACollectionThatIsDropped() {
        users.insertOne(new Document("_id", 1));
        try (Events collection = Events.open(users.watch());
                Events ofDatabase = Events.open(database.watch())) {
            users.drop();
            users.insertOne(new Document("_id", 2));

            assertThat(collection.nextTypes(2)).containsExactly(DROP, INVALIDATE);
            assertThat(ofDatabase.nextTypes(2)).containsExactly(DROP, INSERT);
        }
    }

    @Test
    void endsAStreamOfACollectionThatIsRenamed() {
        users.insertOne(new Document("_id", 1));
        database.getCollection("people").insertOne(new Document("_id", 9));
        try (Events source = Events.open(users.watch());
                Events target = Events.open(database.getCollection("people").watch());
                Events ofDatabase = Events.open(database.watch())) {
            users.renameCollection(new MongoNamespace("app", "people"), new RenameCollectionOptions().dropTarget(true));
            database.getCollection("people").insertOne(new Document("_id", 2));

            ChangeStreamDocument<Document> renamed = source.next();
            assertThat(renamed.getOperationType()).isEqualTo(RENAME);
            assertThat(renamed.getDestinationNamespace().getCollectionName()).isEqualTo("people");
            assertThat(source.next().getOperationType()).isEqualTo(INVALIDATE);
            assertThat(target.nextTypes(2)).containsExactly(RENAME, INVALIDATE);
            assertThat(ofDatabase.nextTypes(2)).containsExactly(RENAME, INSERT);
        }
        assertThat(database.getCollection("people").countDocuments()).isEqualTo(2);
        assertThat(database.listCollectionNames()).containsExactly("people");
    }

    @Test
    void endsAStreamOfADatabaseThatIsDroppedButNotThatOfTheDeployment() {
        users.insertOne(new Document("_id", 1));
        MongoDatabase alike = client.getDatabase("app2");
        alike.getCollection("users").insertOne(new Document("_id", 1));
        try (Events ofDatabase = Events.open(database.watch());
                Events deployment = Events.open(client.watch())) {
            database.drop();
            alike.getCollection("users").insertOne(new Document("_id", 2));

            assertThat(ofDatabase.nextTypes(3)).containsExactly(DROP, DROP_DATABASE, INVALIDATE);
            assertThat(deployment.nextTypes(3)).containsExactly(DROP, DROP_DATABASE, INSERT);
        }
        assertThat(client.listDatabaseNames()).doesNotContain("app").contains("app2");
        assertThat(alike.getCollection("users").countDocuments()).isEqualTo(2);
    }

    @Test
    void showsTheSameOrderToEveryStreamUnderConcurrentWriters() throws Exception {
        int writers = 4;
        int writesEach = 250;
        ExecutorService pool = Executors.newFixedThreadPool(writers);
        try (Events one = Events.open(client.watch());
                Events two = Events.open(users.watch())) {
            List<Future<?>> writing = IntStream.range(0, writers)
                    .<Future<?>>mapToObj(writer -> pool.submit(() -> {
                        for (int write = 0; write < writesEach; write++) {
                            users.updateOne(
                                    Filters.eq(write % 10),
                                    Updates.set("by", writer * writesEach + write),
                                    new UpdateOptions().upsert(true));
                        }
                    }))
                    .toList();
            List<BsonDocument> first = tokens(one, writers * writesEach);
            List<BsonDocument> second = tokens(two, writers * writesEach);
            for (Future<?> done : writing) {
                done.get(10, TimeUnit.SECONDS);
            }

            assertThat(first).doesNotHaveDuplicates().isEqualTo(second);
            assertThat(first).isSortedAccordingTo((a, b) -> a.getString("_data").compareTo(b.getString("_data")));
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<BsonDocument> tokens(Events events, int count) {
        return events.next(count).stream()
                .map(ChangeStreamDocument::getResumeToken)
                .toList();
    }

    @Test
    void failsAtAnEventThatIsTooLargeUnlessItMayBeSplit() {
        database.createCollection(
                "kept",
                new CreateCollectionOptions()
                        .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        MongoCollection<Document> kept = database.getCollection("kept");
        kept.insertOne(new Document("_id", 1).append("data", new byte[9 * 1024 * 1024]));
        List<Document> split = List.of(new Document("$changeStreamSplitLargeEvent", new Document()));
        BsonDocument afterFirstFragment;
        try (Events whole = Events.open(kept.watch().fullDocumentBeforeChange(FullDocumentBeforeChange.REQUIRED));
                Events fragments =
                        Events.open(kept.watch(split).fullDocumentBeforeChange(FullDocumentBeforeChange.REQUIRED))) {
            kept.replaceOne(Filters.eq(1), new Document("other", new byte[9 * 1024 * 1024]));

            assertThatThrownBy(whole::next)
                    .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                            .isEqualTo(10334));
            ChangeStreamDocument<Document> first = fragments.next();
            ChangeStreamDocument<Document> second = fragments.next();
            assertThat(first.getSplitEvent().getFragment()).isEqualTo(1);
            assertThat(first.getSplitEvent().getOf()).isEqualTo(2);
            assertThat(second.getSplitEvent().getFragment()).isEqualTo(2);
            assertThat(List.of(first.getFullDocument() != null, second.getFullDocument() != null))
                    .containsExactlyInAnyOrder(true, false);
            afterFirstFragment = first.getResumeToken();
        }
        try (Events resumed = Events.open(kept.watch(split)
                .resumeAfter(afterFirstFragment)
                .fullDocumentBeforeChange(FullDocumentBeforeChange.REQUIRED))) {
            assertThat(resumed.next().getSplitEvent().getFragment()).isEqualTo(2);
            kept.deleteMany(new Document());
            assertThat(resumed.next().getOperationType()).isEqualTo(OperationType.DELETE);
        }
    }

    @Test
    void waitsForAnEventNoLongerThanItWasAskedTo() {
        Document opened = database.runCommand(
                Document.parse("{aggregate: 'users', pipeline: [{$changeStream: {}}], cursor: {}}"));
        long id = opened.get("cursor", Document.class).getLong("id");
        Document more =
                new Document("getMore", id).append("collection", "users").append("maxTimeMS", 300L);
        long start = System.nanoTime();
        Document reply = database.runCommand(more);
        long waitedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

        assertThat(reply.get("cursor", Document.class).getList("nextBatch", Document.class))
                .isEmpty();
        assertThat(reply.get("cursor", Document.class)).containsKey("postBatchResumeToken");
        assertThat(waitedMillis).isBetween(290L, 5_000L);

        database.runCommand(new Document("killCursors", "users").append("cursors", List.of(id)));
        assertThatThrownBy(() -> database.runCommand(more))
                .isInstanceOfSatisfying(MongoCommandException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(43));
    }
}
