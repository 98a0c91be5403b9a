package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.testing.JavaChild;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} under load. Each write raises its document's counter. Where images are kept the topic must hold every value
 * once and in order, once the first load is behind it; where none are kept it may leave values out, but never go back. Both must
 * end equal to the source, also where the collection is read again meanwhile.
 */
class MongoKillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 5);
    /** Before which kill a collection is asked for once more. */
    private static final int READ_AGAIN = 2;

    private static final long PAUSE_NANOS = 1_000_000;
    private static final int DOCUMENTS = 20_000;
    private static final String EXACT = "exact";
    private static final String PLAIN = "plain";

    @Test
    void nothingIsLostOrDoubledAndNoKeyGoesBackWhenTheProcessIsKilled() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Documents documents = new Documents(
                        "mongo_kill",
                        MongoServer.shared().uri(),
                        KafkaServer.shared().bootstrapServers(),
                        schemas)) {
            fill(documents.withImages(EXACT));
            fill(documents.withoutImages(PLAIN));
            documents.reading(EXACT, PLAIN);
            AtomicBoolean loading = new AtomicBoolean(true);
            Thread load = new Thread(() -> load(documents.uri, documents.database.getName(), loading), "load");
            load.start();
            Random random = new Random(7);
            List<String> states = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                boolean again = kill == READ_AGAIN;
                if (again) {
                    documents.ask(LoadRequest.load(documents.id(EXACT)));
                }
                JavaChild child = DocumentsMain.start(documents, registry.url(), EXACT, PLAIN);
                // The first ones into loads, the others into the stream; at no special moment.
                states.add(
                        again
                                ? child.awaitExactly("LOADING")
                                : child.awaitState(kill < READ_AGAIN ? "LOADING" : "CHANGING"));
                TimeUnit.MILLISECONDS.sleep(random.nextInt(kill <= READ_AGAIN ? 300 : 1_500));
                child.kill();
            }
            MongoSource last = documents.start();
            Documents.awaitStreaming(last);
            loading.set(false);
            load.join();
            documents.awaitCaughtUp(last);

            long loadedAt =
                    documents.stored().collections().get(documents.id(EXACT)).horizon();
            List<Change> exact = documents.changes(EXACT);
            List<Change> plain = documents.changes(PLAIN);
            assertThat(checkCounters(exact, loadedAt)).isPositive();
            checkCounters(plain, -1L);
            assertThat(sorted(Documents.replayed(exact).values())).isEqualTo(sorted(documents.held(EXACT)));
            assertThat(sorted(Documents.replayed(plain).values())).isEqualTo(sorted(documents.held(PLAIN)));
            assertThat(states).contains("LOADING", "CHANGING");
            List<LoadMarker> marks = documents.markers("orders", EXACT);
            LoadMarker begin = marks.get(marks.size() - 2);
            LoadMarker end = marks.get(marks.size() - 1);
            assertThat(end.kind()).isEqualTo(LoadMarker.Kind.END);
            assertThat(end.load()).isEqualTo(begin.load());
            assertThat(end.sweep()).isTrue();
            List<Change> again = exact.stream()
                    .filter(change -> change.provenance().position().compareTo(begin.position()) >= 0)
                    .toList();
            assertThat(sorted(Documents.replayed(again).values()))
                    .as("what was read again is whole by itself")
                    .isEqualTo(sorted(documents.held(EXACT)));
            System.out.println(
                    KILLS + " kills, " + (exact.size() + plain.size()) + " changes, 0 lost, 0 doubled, 0 out of order");
        }
    }

    private static void fill(MongoCollection<Document> collection) {
        collection.insertMany(IntStream.range(0, DOCUMENTS)
                .mapToObj(id -> new Document("_id", id).append("counter", 1).append("body", "b".repeat(100)))
                .toList());
    }

    private static List<String> sorted(java.util.Collection<BsonDocument> documents) {
        return documents.stream().map(BsonDocument::toJson).sorted().toList();
    }

    /** Updates, updates of many, new documents, replacements and deletes. */
    private static void load(String uri, String name, AtomicBoolean going) {
        Random random = new Random(1);
        int next = 1_000_000;
        try (MongoClient client = MongoClients.create(uri)) {
            while (going.get()) {
                MongoCollection<Document> collection =
                        client.getDatabase(name).getCollection(random.nextBoolean() ? EXACT : PLAIN);
                int id = random.nextInt(DOCUMENTS);
                switch (random.nextInt(10)) {
                    case 0 -> {
                        int first = next;
                        next += 20;
                        collection.insertMany(IntStream.range(first, next)
                                .mapToObj(each -> new Document("_id", each).append("counter", 1))
                                .toList());
                    }
                    case 1 ->
                        collection.updateMany(
                                Filters.and(Filters.gte("_id", id), Filters.lt("_id", id + 20)),
                                Updates.inc("counter", 1));
                    case 2 -> collection.deleteOne(Filters.eq(1_000_000 + random.nextInt(next - 999_999)));
                    case 3 -> {
                        Document now = collection.find(Filters.eq(id)).first();
                        if (now != null) {
                            collection.replaceOne(
                                    Filters.eq(id), new Document("counter", now.getInteger("counter") + 1));
                        }
                    }
                    // A few documents get most of it, so that one batch holds several changes of each.
                    default ->
                        collection.updateOne(
                                Filters.eq(id % (random.nextBoolean() ? 20 : DOCUMENTS)),
                                Updates.inc("counter", 1),
                                new UpdateOptions().upsert(false));
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /**
     * Refuses a counter that goes back, and after this time one that skips.
     *
     * @return how many had to be exact
     */
    private static int checkCounters(List<Change> changes, long exactAfter) {
        Map<Object, Integer> last = new HashMap<>();
        int exact = 0;
        for (Change change : changes) {
            if (change instanceof Change.Deleted deleted) {
                last.remove(deleted.key().part(0));
            } else if (change instanceof Change.Upserted upserted) {
                Object id = upserted.key().part(0);
                int counter =
                        Documents.document(upserted.after()).getInt32("counter").getValue();
                Integer before = last.put(id, counter);
                assertThat(before == null || before <= counter)
                        .as("%s goes back", id)
                        .isTrue();
                if (change.provenance().kind() == Provenance.Kind.STREAM
                        && Long.compareUnsigned(change.provenance().position().boundary(), exactAfter) > 0) {
                    assertThat(counter).as("document %s", id).isEqualTo(before == null ? 1 : before + 1);
                    exact++;
                }
            }
        }
        return exact;
    }
}
