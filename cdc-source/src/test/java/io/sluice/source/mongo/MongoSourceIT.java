package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source as its users see it: what is written, and what arrives. */
class MongoSourceIT {

    private Documents documents;

    @BeforeEach
    void open() {
        documents = new Documents("mongo_source");
    }

    @AfterEach
    void close() {
        documents.close();
    }

    static List<Document> many(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(id -> new Document("_id", id).append("name", "user " + id))
                .toList();
    }

    @Test
    void readsWhatIsThereThenFollowsWhatHappens() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(many(0, 5_000));
        documents.withoutImages("empty");
        MongoSource source = documents.reading("users", "empty").start();
        Documents.awaitStreaming(source);

        users.insertOne(new Document("_id", "new").append("v", 1));
        users.updateOne(Filters.eq("new"), Updates.set("v", 2));
        users.updateOne(Filters.eq("new"), Updates.unset("v"));
        users.replaceOne(Filters.eq("new"), new Document("other", null));
        users.deleteOne(Filters.eq(1));
        documents.awaitCaughtUp(source);

        List<Change> changes = documents.changes("users");
        assertThat(Documents.replayed(changes).values()).containsExactlyInAnyOrderElementsOf(documents.held("users"));
        assertThat(changes.stream().filter(change -> change.provenance().kind() == Provenance.Kind.SNAPSHOT))
                .hasSize(5_000);
        List<BsonDocument> versions = changes.stream()
                .filter(change -> change instanceof Change.Upserted upserted
                        && upserted.key().part(0).equals("\"new\""))
                .map(change -> Documents.document(((Change.Upserted) change).after()))
                .toList();
        assertThat(versions)
                .containsExactly(
                        BsonDocument.parse("{_id: 'new', v: 1}"),
                        BsonDocument.parse("{_id: 'new', v: 2}"),
                        BsonDocument.parse("{_id: 'new'}"),
                        BsonDocument.parse("{_id: 'new', other: null}"));
        assertThat(documents.changes("empty")).isEmpty();
        assertThat(documents.markers("orders", "empty"))
                .extracting(LoadMarker::kind)
                .containsExactly(LoadMarker.Kind.BEGIN, LoadMarker.Kind.END);
    }

    @Test
    void tellsEachVersionAndWhatWasBeforeWhereImagesAreKept() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertOne(new Document("_id", 1).append("v", 0));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        documents.awaitCaughtUp(source);

        for (int v = 1; v <= 20; v++) {
            users.updateOne(Filters.eq(1), Updates.inc("v", 1));
        }
        users.deleteOne(Filters.eq(1));
        documents.awaitCaughtUp(source);

        List<Change> changes = documents.changes("users");
        List<Change.Upserted> updates = changes.stream()
                .filter(change -> change.provenance().kind() == Provenance.Kind.STREAM)
                .filter(Change.Upserted.class::isInstance)
                .map(Change.Upserted.class::cast)
                .toList();
        assertThat(updates)
                .extracting(update ->
                        Documents.document(update.after()).getInt32("v").getValue())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
        assertThat(updates)
                .extracting(update ->
                        Documents.document(update.before()).getInt32("v").getValue())
                .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
        Change.Deleted last = (Change.Deleted) changes.get(changes.size() - 1);
        assertThat(Documents.document(last.before())).isEqualTo(BsonDocument.parse("{_id: 1, v: 20}"));
        assertThat(updates)
                .extracting(update -> update.provenance().position())
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void neverGoesBackAndEndsEqualWhereNoImagesAreKept() {
        MongoCollection<Document> users = documents.withoutImages("users");
        users.insertMany(many(0, 50));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);

        for (int v = 1; v <= 300; v++) {
            int id = v % 50;
            switch (v % 5) {
                case 0 -> users.replaceOne(Filters.eq(id), new Document("v", v), new ReplaceOptions().upsert(true));
                case 1 -> users.deleteOne(Filters.eq(id));
                default -> users.updateOne(Filters.eq(id), Updates.set("v", v), new UpdateOptions().upsert(true));
            }
        }
        documents.awaitCaughtUp(source);

        List<Change> changes = documents.changes("users");
        assertThat(Documents.replayed(changes).values()).containsExactlyInAnyOrderElementsOf(documents.held("users"));
        Documents.refuseOlder(changes);
    }

    @Test
    void unsetMissingAndNullStayThreeThings() {
        MongoCollection<Document> users = documents.withoutImages("users");
        users.insertOne(new Document("_id", 1).append("a", null).append("b", 1).append("c", List.of()));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        documents.awaitCaughtUp(source);

        users.updateOne(Filters.eq(1), Updates.combine(Updates.unset("b"), Updates.set("d.e", null)));
        documents.awaitCaughtUp(source);

        assertThat(documents.changes("users"))
                .extracting(change -> Documents.document(((Change.Upserted) change).after()))
                .containsExactly(
                        BsonDocument.parse("{_id: 1, a: null, b: 1, c: []}"),
                        BsonDocument.parse("{_id: 1, a: null, c: [], d: {e: null}}"));
    }

    @Test
    void readsIdsOfEveryTypeInPieces() {
        MongoCollection<Document> mixed = documents.withoutImages("mixed");
        List<Object> ids = List.of(
                "text",
                new ObjectId(),
                1,
                2L,
                2.5,
                Decimal128.parse("3.5"),
                new BsonDateTime(0),
                true,
                new Document("a", 1),
                new Binary(new byte[] {1}),
                new BsonTimestamp(1, 1));
        for (Object id : ids) {
            mixed.insertOne(new Document("_id", id));
            mixed.insertMany(IntStream.range(0, 150)
                    .mapToObj(i -> new Document(
                                    "_id", id instanceof String ? "t" + i : new Document("id", id).append("n", i))
                            .append("filler", "x".repeat(60_000)))
                    .toList());
        }
        MongoSource source = documents.reading("mixed").start();
        Documents.awaitStreaming(source);

        List<Change> changes = documents.changes("mixed");
        assertThat(changes).hasSize(ids.size() * 151);
        assertThat(Documents.replayed(changes).values()).containsExactlyInAnyOrderElementsOf(documents.held("mixed"));
    }

    @Test
    void aReplacementThatWritesTheSameIdInAnotherTypeIsTheSameKey() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertOne(new Document("_id", 1).append("v", 1));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);

        users.deleteOne(Filters.eq(1));
        users.insertOne(new Document("_id", 1.0).append("v", 2));
        documents.awaitCaughtUp(source);

        List<Change> changes = documents.changes("users");
        assertThat(changes).extracting(MongoSourceIT::key).containsOnly("{\"$numberInt\": \"1\"}");
        assertThat(Documents.replayed(changes).values()).containsExactly(BsonDocument.parse("{_id: 1.0, v: 2}"));
    }

    private static Object key(Change change) {
        return change instanceof Change.Upserted upserted
                ? upserted.key().part(0)
                : ((Change.Deleted) change).key().part(0);
    }

    @Test
    void goesOnWhereItStopped() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(many(0, 10));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
            users.insertMany(many(10, 20));
            documents.awaitCaughtUp(first);
        }
        users.insertMany(many(20, 30));
        users.deleteMany(Filters.lt("_id", 5));

        MongoSource second = documents.start();
        documents.awaitCaughtUp(second);
        users.insertMany(many(30, 40));
        documents.awaitCaughtUp(second);

        List<Change> changes = documents.changes("users");
        assertThat(changes).hasSize(40 + 5);
        assertThat(Documents.replayed(changes).values()).containsExactlyInAnyOrderElementsOf(documents.held("users"));
    }

    @Test
    void stopsWithinSecondsWhileItWaitsAndWhileItLoads() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(many(0, 20_000));
        MongoSource loading = documents.reading("users").start();
        Awaitility.await().until(() -> loading.status().state() == StageState.RUNNING);
        assertThat(millisToClose(loading)).isLessThan(5_000);

        MongoSource waiting = documents.start();
        Documents.awaitStreaming(waiting);
        assertThat(millisToClose(waiting)).isLessThan(5_000);
        assertThat(Documents.replayed(documents.changes("users"))).hasSize(20_000);
    }

    private static long millisToClose(MongoSource source) {
        long begin = System.nanoTime();
        source.close();
        assertThat(source.status().state()).isEqualTo(StageState.STOPPED);
        return (System.nanoTime() - begin) / 1_000_000;
    }

    @Test
    void publishesToEachServiceWhatItReadsAndLoadsOneThatJoinsForItAlone() {
        documents.withImages("users").insertMany(many(0, 100));
        documents.withImages("orders").insertMany(many(0, 10));
        try (MongoSource first =
                documents.reading(Map.of("one", List.of("users"))).start()) {
            Documents.awaitStreaming(first);
        }
        documents.collection("users").insertMany(many(100, 110));

        MongoSource second = documents
                .reading(Map.of("one", List.of("users"), "two", List.of("users", "orders")))
                .start();
        documents.awaitCaughtUp(second);
        documents.collection("users").insertMany(many(110, 120));
        documents.awaitCaughtUp(second);

        assertThat(documents.changes("one", "users")).hasSize(120);
        assertThat(Documents.replayed(documents.changes("two", "users"))).hasSize(120);
        assertThat(documents.changes("two", "orders")).hasSize(10);
        assertThat(documents.markers("one", "users")).hasSize(2);
        assertThat(documents.markers("two", "users")).hasSize(2).noneMatch(LoadMarker::sweep);
    }

    @Test
    void readsSeveralDatabasesAndOneThatJoinsLater() {
        MongoDatabase other = documents.database("other");
        other.createCollection("stock");
        other.getCollection("stock").insertMany(many(0, 10));
        documents.withImages("users").insertMany(many(0, 10));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
            documents.collection("users").insertMany(many(10, 20));
            documents.awaitCaughtUp(first);
        }
        documents.collection("users").insertMany(many(20, 30));

        String stock = other.getName() + "/stock";
        MongoSource second = documents.reading("users", stock).start();
        documents.awaitCaughtUp(second);
        other.getCollection("stock").insertMany(many(10, 20));
        documents.collection("users").insertMany(many(30, 40));
        documents.awaitCaughtUp(second);

        assertThat(documents.changes("users")).hasSize(40);
        assertThat(documents.changes(stock)).hasSize(20);
    }

    @Test
    void aNewEpochReadsEverythingAgainAndAsksForASweep() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(many(0, 10));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
        }
        users.deleteOne(Filters.eq(3));

        MongoSource second = documents.source();
        second.beginNewEpoch();
        second.start();
        documents.awaitCaughtUp(second);

        List<Change> changes = documents.changes("users");
        assertThat(changes).hasSize(10 + 9);
        assertThat(changes)
                .filteredOn(change -> change.provenance().position().epoch() == 2)
                .hasSize(9);
        assertThat(documents.markers("orders", "users"))
                .extracting(LoadMarker::sweep)
                .containsExactly(false, false, true, true);
    }

    @Test
    void aSecondInstanceTakesOverAndTheFirstStops() {
        MongoCollection<Document> users = documents.withImages("users");
        MongoSource first = documents.reading("users").start();
        Documents.awaitStreaming(first);
        MongoSource second = documents.start();
        Documents.awaitStreaming(second);

        users.insertMany(many(0, 10));
        documents.awaitCaughtUp(second);

        assertThat(Documents.awaitHalt(first).cause().code()).isEqualTo("SOURCE_TAKEN_OVER");
        assertThat(documents.changes("users")).hasSize(10);
    }

    @Test
    void storesItsPlaceWhileNothingHappensToItsCollections() {
        documents.withImages("users");
        documents.withoutImages("neighbour");
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        long before = source.progress().boundary();
        for (int i = 0; i < 5; i++) {
            documents.collection("neighbour").insertOne(new Document());
        }

        documents.awaitCaughtUp(source);

        assertThat(Long.compareUnsigned(source.progress().boundary(), before)).isPositive();
        assertThat(documents.stored().offset().time())
                .isEqualTo(source.progress().boundary());
        assertThat(documents.changes("users")).isEmpty();
    }

    @Test
    void putsAnEventTogetherThatIsLargerThanADocumentMayBe() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertOne(new Document("_id", 1).append("a", "x".repeat(9 * 1024 * 1024)));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        documents.awaitCaughtUp(source);

        users.replaceOne(Filters.eq(1), new Document("b", "y".repeat(9 * 1024 * 1024)));
        users.insertOne(new Document("_id", 2));
        documents.awaitCaughtUp(source);

        List<Change> changes = documents.changes("users");
        assertThat(changes).hasSize(3);
        Change.Upserted large = changes.stream()
                .map(Change.Upserted.class::cast)
                .filter(change -> change.before() != null)
                .findFirst()
                .orElseThrow();
        assertThat((String) large.before().value("document")).contains("xxx").hasSizeGreaterThan(9 * 1024 * 1024);
        assertThat((String) large.after().value("document")).contains("yyy").hasSizeGreaterThan(9 * 1024 * 1024);
    }
}
