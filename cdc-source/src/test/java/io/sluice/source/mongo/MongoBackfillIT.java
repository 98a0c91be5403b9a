package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.request.LoadRequest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Collections that are read again while the stream goes on. */
class MongoBackfillIT {

    private static final int DOCUMENTS = 5_000;

    private Documents documents;

    @BeforeEach
    void open() {
        documents = new Documents("mongo_backfill");
    }

    @AfterEach
    void close() {
        documents.close();
    }

    /** Waits until so many marks stand in each partition, and everything before them is in Kafka. */
    private void awaitMarks(MongoSource source, String collection, int count) {
        Awaitility.await().atMost(Documents.PATIENCE).until(() -> {
            Documents.refuseHalt(source);
            return documents.markers("orders", collection).size() == count;
        });
        documents.awaitCaughtUp(source);
    }

    private List<Change> changesFrom(String collection, Position position) {
        return documents.changes(collection).stream()
                .filter(change -> change.provenance().position().compareTo(position) >= 0)
                .toList();
    }

    @Test
    void aCollectionIsReadAgainUnderLoadAndNoKeyGoesBack() throws Exception {
        MongoCollection<Document> users = documents.withoutImages("users");
        users.insertMany(MongoSourceIT.many(0, DOCUMENTS));
        documents.withImages("orders").insertMany(MongoSourceIT.many(0, 10));
        MongoSource source = documents.reading("users", "orders").start();
        Documents.awaitStreaming(source);
        AtomicBoolean going = new AtomicBoolean(true);
        Thread load = new Thread(() -> load(users, going));
        load.start();
        documents.ask(LoadRequest.load(documents.id("users")));
        awaitMarks(source, "users", 4);
        going.set(false);
        load.join();
        documents.awaitCaughtUp(source);

        List<LoadMarker> marks = documents.markers("orders", "users");
        assertThat(marks)
                .extracting(LoadMarker::kind, LoadMarker::sweep)
                .containsExactly(
                        tuple(LoadMarker.Kind.BEGIN, false),
                        tuple(LoadMarker.Kind.END, false),
                        tuple(LoadMarker.Kind.BEGIN, true),
                        tuple(LoadMarker.Kind.END, true));
        assertThat(marks.get(2).load())
                .isEqualTo(marks.get(3).load())
                .isNotEqualTo(marks.get(0).load());
        List<Change> again = changesFrom("users", marks.get(2).position());
        assertThat(Documents.replayed(again).values())
                .as("who has nothing but what follows the begin has everything")
                .containsExactlyInAnyOrderElementsOf(documents.held("users"));
        Documents.refuseOlder(documents.changes("users"));
        assertThat(documents.changes("orders")).hasSize(10);
        assertThat(documents.markers("orders", "orders")).hasSize(2);
    }

    private static void load(MongoCollection<Document> users, AtomicBoolean going) {
        Random random = new Random(5);
        for (int v = 1; going.get(); v++) {
            int id = random.nextInt(DOCUMENTS);
            if (random.nextInt(4) == 0) {
                users.deleteOne(Filters.eq(id));
            } else {
                users.updateOne(Filters.eq(id), Updates.set("v", v));
            }
            LockSupport.parkNanos(500_000);
        }
    }

    @Test
    void whatWasDroppedRenamedOrReplacedComesBackAndIsSwept() throws Exception {
        for (String name : List.of("dropped", "renamed", "replaced")) {
            documents.withImages(name).insertMany(MongoSourceIT.many(0, 10));
        }
        documents.withImages("live");
        MongoSource first =
                documents.reading("dropped", "renamed", "replaced", "live").start();
        Documents.awaitStreaming(first);
        documents.collection("dropped").drop();
        documents.withImages("dropped").insertMany(MongoSourceIT.many(5, 15));
        MongoNamespace name = documents.collection("renamed").getNamespace();
        MongoNamespace away = new MongoNamespace(name.getDatabaseName(), "away");
        documents.collection("renamed").renameCollection(away);
        documents.collection("away").deleteOne(Filters.eq(1));
        documents.collection("away").renameCollection(name);
        documents.awaitHalted(first, "dropped");
        documents.awaitHalted(first, "renamed");
        first.close();
        documents.collection("replaced").drop();
        documents.withImages("replaced").insertMany(MongoSourceIT.many(100, 105));
        MongoSource second = documents.start();
        documents.awaitHalted(second, "replaced");
        documents.collection("dropped").deleteOne(Filters.eq(5));

        for (String each : List.of("dropped", "renamed", "replaced")) {
            documents.ask(LoadRequest.load(documents.id(each)));
        }
        for (String each : List.of("dropped", "renamed", "replaced")) {
            awaitMarks(second, each, 4);
            documents.collection(each).insertOne(new Document("_id", "after"));
        }
        documents.collection("live").insertOne(new Document("_id", 1));
        documents.awaitCaughtUp(second);

        for (String each : List.of("dropped", "renamed", "replaced")) {
            List<LoadMarker> marks = documents.markers("orders", each);
            assertThat(marks).extracting(LoadMarker::sweep).containsExactly(false, false, true, true);
            assertThat(Documents.replayed(changesFrom(each, marks.get(2).position()))
                            .values())
                    .containsExactlyInAnyOrderElementsOf(documents.held(each));
        }
        assertThat(documents.changes("live")).hasSize(1);
        assertThat(second.progress().tables())
                .extracting(SourceProgress.Table::state)
                .containsOnly(SourceProgress.State.STREAMING);
    }

    @Test
    void theOnlyCollectionComesBackToo() throws Exception {
        documents.withImages("users").insertMany(MongoSourceIT.many(0, 5));
        MongoSource source = documents.reading("users").start();
        Documents.awaitStreaming(source);
        documents.database.drop();
        documents.awaitHalted(source, "users");

        documents.ask(LoadRequest.load(documents.id("users")));
        Awaitility.await()
                .atMost(Documents.PATIENCE)
                .until(() -> documents
                                .stored()
                                .collections()
                                .get(documents.id("users"))
                                .request()
                        != null);
        assertThat(source.progress().tables().get(0).state())
                .as("there is nothing to read yet")
                .isEqualTo(SourceProgress.State.HALTED);
        documents.withImages("users").insertMany(MongoSourceIT.many(3, 8));
        documents.ask(LoadRequest.load(documents.id("users")));
        awaitMarks(source, "users", 4);

        assertThat(Documents.replayed(documents.changes("users"))).hasSize(8);
    }

    @Test
    void aRequestIsCarriedOutOnceHoweverOftenItIsRead() throws Exception {
        documents.withImages("users").insertMany(MongoSourceIT.many(0, 5));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
            documents.ask(LoadRequest.load(documents.id("users")));
            awaitMarks(first, "users", 4);
            documents.ask(LoadRequest.load(documents.id("users")));
            awaitMarks(first, "users", 6);
        }

        MongoSource second = documents.start();
        documents.awaitCaughtUp(second);
        documents.ask(LoadRequest.load(documents.id("users")));
        awaitMarks(second, "users", 8);
        assertThat(documents.changes("users")).hasSize(4 * 5);
    }

    @Test
    void aLoadGoesOnWhereItWasAndCanBeGivenUp() throws Exception {
        int many = 30_000;
        MongoCollection<Document> users = documents.withImages("users");
        users.insertMany(MongoSourceIT.many(0, many));
        try (MongoSource first = documents.reading("users").start()) {
            Documents.awaitStreaming(first);
            documents.ask(LoadRequest.load(documents.id("users")));
            awaitRows(first);
        }
        CollectionState.Load cut =
                documents.stored().collections().get(documents.id("users")).loading();
        assertThat(cut).as("it was stopped amid the load").isNotNull();
        assertThat(cut.rows()).isPositive();
        try (MongoSource second = documents.start()) {
            awaitMarks(second, "users", 4);
            assertThat(documents.changes("users")).hasSize(2 * many);
            assertThat(documents.markers("orders", "users"))
                    .extracting(LoadMarker::load)
                    .endsWith(cut.name(), cut.name());

            documents.ask(LoadRequest.load(documents.id("users")));
            awaitRows(second);
            documents.ask(LoadRequest.cancel(documents.id("users")));
            awaitMarks(second, "users", 6);
            users.deleteOne(Filters.eq(7));
            documents.awaitCaughtUp(second);
        }

        List<LoadMarker> marks = documents.markers("orders", "users");
        assertThat(marks.get(4).load()).isEqualTo(marks.get(5).load());
        assertThat(marks.get(5).sweep()).as("nothing may be swept").isFalse();
        CollectionState left = documents.stored().collections().get(documents.id("users"));
        assertThat(left.services()).containsExactly("orders");
        assertThat(left.loading()).isNull();
        assertThat(documents.changes("users")).hasSizeLessThan(3 * many);
        assertThat(Documents.replayed(documents.changes("users"))).hasSize(many - 1);
    }

    /** Waits until a load has read something. */
    private static void awaitRows(MongoSource source) {
        Awaitility.await()
                .atMost(Documents.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    SourceProgress.Table table = source.progress().tables().get(0);
                    return table.state() == SourceProgress.State.LOADING && table.rowsRead() > 0;
                });
    }

    @Test
    void aFirstLoadThatIsGivenUpHaltsItsCollection() throws Exception {
        documents.withImages("users").insertMany(MongoSourceIT.many(0, 30_000));
        documents.withImages("orders");
        documents.reading("users", "orders").ask(LoadRequest.cancel(documents.id("users")));
        MongoSource source = documents.start();
        documents.awaitHalted(source, "users");
        documents.collection("orders").insertOne(new Document("_id", 1));
        documents.awaitCaughtUp(source);

        CollectionState users = documents.stored().collections().get(documents.id("users"));
        assertThat(users.halted().code()).isEqualTo("LOAD_CANCELLED");
        assertThat(documents.markers("orders", "users"))
                .filteredOn(mark -> mark.kind() == LoadMarker.Kind.END)
                .noneMatch(LoadMarker::sweep);
        assertThat(documents.changes("orders")).hasSize(1);
        documents.ask(LoadRequest.load(documents.id("users")));
        documents.awaitStreamingOf(source, "users");
        assertThat(Documents.replayed(documents.changes("users"))).hasSize(30_000);
        assertThat(documents.changes("users"))
                .extracting(change -> change.provenance().kind())
                .containsOnly(Provenance.Kind.SNAPSHOT);
    }
}
