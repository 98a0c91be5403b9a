package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.RenameCollectionOptions;
import com.mongodb.client.model.Updates;
import io.sluice.localstack.mongo.LocalMongo;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.LoadMarker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done to a replica set behind the source's back. On a stand-in of its own, for others must not suffer it. */
class MongoFaultIT {

    private LocalMongo mongo;
    private Documents documents;

    @BeforeEach
    void open() {
        mongo = LocalMongo.startTemporary();
        documents = new Documents("mongo_fault", mongo.uri());
    }

    @AfterEach
    void close() {
        documents.close();
        mongo.close();
    }

    private static List<Document> many(int from, int to) {
        return MongoSourceIT.many(from, to);
    }

    private static void retried(Runnable action) {
        Awaitility.await().atMost(Documents.PATIENCE).ignoreExceptions().until(() -> {
            action.run();
            return true;
        });
    }

    @Test
    void recoversFromCutConnectionsAsAnElectionBringsThem() throws Exception {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertOne(new Document("_id", 0).append("v", 0));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        documents.awaitCaughtUp(source);
        AtomicBoolean going = new AtomicBoolean(true);
        Thread cutter = new Thread(() -> {
            for (int i = 0; i < 5; i++) {
                Awaitility.await().pollDelay(java.time.Duration.ofMillis(150)).until(() -> true);
                mongo.severConnections();
            }
            going.set(false);
        });
        cutter.start();
        for (int v = 1; going.get(); v++) {
            int next = v;
            // A write whose reply was cut off may have been done: only one that is not is done again.
            retried(() -> users.replaceOne(Filters.eq(0), new Document("v", next)));
        }
        cutter.join();
        retried(() -> documents.awaitCaughtUp(source));

        List<Integer> versions = documents.changes("users").stream()
                .map(change -> Documents.document(((io.sluice.schemas.model.Change.Upserted) change).after())
                        .getInt32("v")
                        .getValue())
                .toList();
        assertThat(versions).isSorted();
        assertThat(Documents.replayed(documents.changes("users")).values())
                .containsExactlyElementsOf(documents.held("users"));
    }

    @Test
    void haltsWhereTheOplogRolledOverWhileItWasAwayAndANewEpochGoesOn() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(many(0, 10));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
        }
        users.deleteOne(Filters.eq(3));
        mongo.rollOver();

        try (MongoSource second = documents.start()) {
            SluiceException cause = Documents.awaitHalt(second).cause();
            assertThat(cause.code()).isEqualTo("HISTORY_LOST");
            assertThat(cause.getMessage()).contains("--new-epoch shop");
        }
        MongoSource third = documents.source();
        third.beginNewEpoch();
        third.start();
        documents.awaitCaughtUp(third);

        assertThat(documents.changes("users"))
                .filteredOn(change -> change.provenance().position().epoch() == 2)
                .hasSize(9);
        assertThat(documents.markers("orders", "users"))
                .extracting(LoadMarker::sweep)
                .containsExactly(false, false, true, true);
    }

    @Test
    void haltsWhereTheOplogRollsOverUnderARunningStream() {
        MongoCollection<Document> users = documents.withImages("users");
        users.insertOne(new Document("_id", 0));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        Awaitility.await()
                .atMost(Documents.PATIENCE)
                .until(() -> source.progress().timeToLoss() != null);

        mongo.rollOver();
        users.insertOne(new Document("_id", 1));

        assertThat(Documents.awaitHalt(source).cause().code()).isEqualTo("HISTORY_LOST");
    }

    @Test
    void haltsACollectionThatIsDroppedAndTheOthersLive() {
        MongoCollection<Document> users = documents.withImages("users");
        MongoCollection<Document> orders = documents.withImages("orders");
        users.insertMany(many(0, 5));
        MongoSource source = documents.reading("users", "orders").start();
        Documents.awaitStreaming(source);
        users.insertMany(many(5, 10));
        users.drop();
        users.insertMany(many(100, 110));
        orders.insertMany(many(0, 10));

        documents.awaitHalted(source, "users");
        documents.awaitCaughtUp(source);

        assertThat(documents.changes("users")).hasSize(10);
        assertThat(documents.changes("orders")).hasSize(10);
        assertThat(documents
                        .stored()
                        .collections()
                        .get(documents.id("users"))
                        .halted()
                        .code())
                .isEqualTo("COLLECTION_DROPPED");

        source.close();
        orders.insertMany(many(10, 20));
        MongoSource again = documents.start();
        documents.awaitCaughtUp(again);
        assertThat(documents.changes("users")).hasSize(10);
        assertThat(documents.changes("orders")).hasSize(20);
    }

    @Test
    void haltsACollectionThatGetsAnotherNameOrLosesItsOwnToAnother() {
        documents.withImages("renamed");
        documents.withImages("covered");
        documents.withImages("live");
        documents.withImages("stranger");
        MongoSource source = documents.reading("renamed", "covered", "live").start();
        Documents.awaitStreaming(source);
        String database = documents.database.getName();

        documents.collection("renamed").renameCollection(new MongoNamespace(database, "away"));
        documents
                .collection("stranger")
                .renameCollection(
                        new MongoNamespace(database, "covered"), new RenameCollectionOptions().dropTarget(true));
        documents.collection("away").insertOne(new Document());
        documents.collection("covered").insertOne(new Document());
        documents.collection("live").insertOne(new Document());

        documents.awaitHalted(source, "renamed");
        documents.awaitHalted(source, "covered");
        documents.awaitCaughtUp(source);
        assertThat(documents.changes("renamed")).isEmpty();
        assertThat(documents.changes("covered")).isEmpty();
        assertThat(documents.changes("live")).hasSize(1);
    }

    @Test
    void haltsWhatADroppedDatabaseTakesAlongAndGoesOnWithAnother() {
        MongoDatabase other = documents.database("other");
        other.createCollection("stock");
        documents.withImages("users").insertMany(many(0, 5));
        String stock = other.getName() + "/stock";
        MongoSource source = documents.reading("users", stock).start();
        Documents.awaitStreaming(source);

        documents.database.drop();
        other.getCollection("stock").insertMany(many(0, 5));

        documents.awaitHalted(source, "users");
        documents.awaitCaughtUp(source);
        assertThat(documents.changes(stock)).hasSize(5);
    }

    @Test
    void haltsACollectionThatWasMadeAgainWhileItWasAway() {
        documents.withImages("users").insertMany(many(0, 5));
        documents.withImages("orders");
        try (MongoSource first = documents.reading("users", "orders").start()) {
            Documents.awaitStreaming(first);
        }
        documents.collection("users").drop();
        documents.withImages("users").insertMany(many(100, 105));

        MongoSource second = documents.start();
        documents.awaitHalted(second, "users");
        documents.collection("orders").insertOne(new Document());
        documents.awaitCaughtUp(second);

        assertThat(documents.changes("users")).hasSize(5);
        assertThat(documents.changes("orders")).hasSize(1);
    }

    @Test
    void refusesAnotherReplicaSetAndStoresNothingOfIt() {
        documents.withImages("users").insertMany(many(0, 5));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
        }
        int port = mongo.port();
        mongo.close();
        mongo = LocalMongo.start(LocalMongo.Settings.temporary().withPort(port));
        retried(() -> documents.withImages("users"));

        MongoSource second = documents.start();

        assertThat(Documents.awaitHalt(second).cause().code()).isEqualTo("SOURCE_REPLACED");
        assertThat(documents.stored().collections().get(documents.id("users")).isHalted())
                .isFalse();
    }

    @Test
    void haltsWhereATopicWasMadeAgain() throws Exception {
        documents.withImages("users").insertMany(many(0, 5));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
        }
        try (Admin admin = Admin.create(documents.kafka.admin())) {
            admin.deleteTopics(List.of(documents.topic("orders", "users")))
                    .all()
                    .get();
        }
        documents.reading("users");

        assertThat(Documents.awaitHalt(documents.start()).cause().code()).isEqualTo("TOPIC_CHANGED");
    }

    @Test
    void waitsWhileTheServerIsAway() {
        documents.close();
        int port = mongo.port();
        documents = new Documents("mongo_away", mongo.uri());
        mongo.close();
        MongoSource source = documents.reading("users").start();
        Awaitility.await()
                .atMost(Documents.PATIENCE)
                .until(() -> source.status().state() == io.sluice.platform.lifecycle.StageState.WAITING);
        assertThat(source.status().cause().code()).isEqualTo("DATABASE_UNAVAILABLE");

        mongo = LocalMongo.start(LocalMongo.Settings.temporary().withPort(port));
        retried(() -> documents.withImages("users").insertOne(new Document("_id", 1)));
        // Until the collection was there, the source may have refused to begin.
        MongoSource begun =
                source.status().state() == io.sluice.platform.lifecycle.StageState.HALTED ? documents.start() : source;
        documents.awaitCaughtUp(begun);
        assertThat(documents.changes("users")).hasSize(1);
    }

    @Test
    void findsEverythingThatIsMissingAtOnce() {
        documents.withImages("users");
        documents.withoutImages("plain");
        MongoSource source =
                documents.reading("users", "plain", "missing", "gone").source();

        List<Finding> findings = source.check();

        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Finding.Severity.ERROR)
                .extracting(Finding::place)
                .containsExactlyInAnyOrder(
                        "collection " + documents.id("missing"), "collection " + documents.id("gone"));
        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Finding.Severity.INFO)
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("collMod"));
    }

    @Test
    void haltsACollectionWhoseDocumentTextCantSay() {
        MongoCollection<Document> users = documents.withImages("users");
        documents.withImages("orders");
        MongoSource source = documents.reading("users", "orders").start();
        Documents.awaitStreaming(source);

        users.insertOne(new Document("_id", 1).append("a", new Document("$numberLong", "1")));
        documents.collection("orders").insertOne(new Document("_id", 1));
        documents.awaitHalted(source, "users");
        documents.awaitCaughtUp(source);

        assertThat(documents.changes("users")).isEmpty();
        assertThat(documents.changes("orders")).hasSize(1);
        assertThat(documents
                        .stored()
                        .collections()
                        .get(documents.id("users"))
                        .halted()
                        .code())
                .isEqualTo("VALUE_NOT_REPRESENTABLE");
    }

    @Test
    void updatesOfAHaltedCollectionAreDiscarded() {
        documents.withoutImages("users").insertMany(many(0, 5));
        documents.withoutImages("orders");
        MongoSource source =
                documents.reading(Map.of("orders", List.of("users", "orders"))).start();
        Documents.awaitStreaming(source);
        documents.collection("users").drop();
        documents.awaitHalted(source, "users");

        documents.collection("users").insertOne(new Document("_id", 7));
        documents.collection("users").updateOne(Filters.eq(7), Updates.set("a", 1));
        documents.collection("orders").insertOne(new Document("_id", 7));
        documents.awaitCaughtUp(source);

        assertThat(documents.changes("users")).hasSize(5);
        assertThat(documents.changes("orders")).hasSize(1);
    }
}
