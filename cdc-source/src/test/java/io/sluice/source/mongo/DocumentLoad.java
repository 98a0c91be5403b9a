package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.schemas.model.Change;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.Document;

/** Raises counters of documents whose images are kept, one at a time: each value has to arrive, once and in order. */
final class DocumentLoad implements AutoCloseable {

    static final String COLLECTION = "counted";

    private static final int DOCUMENTS = 50;
    private static final long PAUSE_NANOS = 2_000_000;

    private final AtomicBoolean going = new AtomicBoolean(true);
    private final AtomicLong writes = new AtomicLong();
    private final Thread thread;

    private DocumentLoad(String uri, String database) {
        this.thread = new Thread(() -> run(uri, database), "document-load");
    }

    /** Before the capture begins. */
    static void prepare(Documents documents) {
        documents
                .withImages(COLLECTION)
                .insertMany(IntStream.range(0, DOCUMENTS)
                        .mapToObj(id -> new Document("_id", id).append("counter", 0))
                        .toList());
    }

    static DocumentLoad on(Documents documents) {
        DocumentLoad load = new DocumentLoad(documents.uri, documents.database.getName());
        load.thread.start();
        return load;
    }

    private void run(String uri, String database) {
        Random random = new Random(11);
        try (MongoClient client = MongoClients.create(uri)) {
            MongoCollection<Document> counted = client.getDatabase(database).getCollection(COLLECTION);
            while (going.get()) {
                counted.updateOne(Filters.eq(random.nextInt(DOCUMENTS)), Updates.inc("counter", 1));
                writes.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Waits until it has written some more. */
    void awaitMore() {
        long before = writes.get();
        Awaitility.await().atMost(Documents.PATIENCE).until(() -> writes.get() > before + 100);
    }

    @Override
    public void close() throws InterruptedException {
        going.set(false);
        thread.join();
    }

    static void check(Documents documents) {
        Map<Object, Integer> last = new HashMap<>();
        for (Change change : documents.changes(COLLECTION)) {
            Change.Upserted upserted = (Change.Upserted) change;
            BsonDocument after = Documents.document(upserted.after());
            int counter = after.getInt32("counter").getValue();
            Integer before = last.put(upserted.key().part(0), counter);
            assertThat(counter).as("document %s", after.get("_id")).isEqualTo(before == null ? 0 : before + 1);
        }
        assertThat(Documents.replayed(documents.changes(COLLECTION)).values())
                .containsExactlyInAnyOrderElementsOf(documents.held(COLLECTION));
    }
}
