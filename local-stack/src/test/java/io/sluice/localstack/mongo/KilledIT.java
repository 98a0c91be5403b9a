package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged, and what a stream has seen, is there after {@code kill -9}. */
class KilledIT {

    private static final int ROUNDS = 3;
    private static final int WRITES_A_ROUND = 100;

    @TempDir
    private Path folder;

    @Test
    void losesNoAcknowledgedWriteAndNoPositionWhenKilledUnderLoad() throws Exception {
        int acknowledged = 0;
        BsonDocument position = null;
        List<Integer> seen = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Process process = spawn();
            ExecutorService writer = Executors.newSingleThreadExecutor();
            String uri = uri(process);
            try (MongoClient client = MongoClients.create(uri);
                    MongoClient writing = MongoClients.create(uri)) {
                MongoCollection<Document> counters = client.getDatabase("app").getCollection("counters");
                assertThat(counter(counters)).isGreaterThanOrEqualTo(acknowledged);
                try (Events events = open(counters, position)) {
                    AtomicInteger written = new AtomicInteger(counter(counters));
                    int target = written.get() + WRITES_A_ROUND;
                    Future<?> load = writer.submit(() -> write(writing, written));
                    while (seen.size() < target - 1 && written.get() < target) {
                        position = take(events, seen);
                    }
                    position = take(events, seen);
                    process.destroyForcibly().waitFor();
                    load.get(30, TimeUnit.SECONDS);
                    acknowledged = written.get();
                }
            } finally {
                writer.shutdownNow();
                process.destroyForcibly();
            }
        }
        try (LocalMongo mongo = LocalMongo.start(folder);
                MongoClient client = MongoClients.create(mongo.uri())) {
            MongoCollection<Document> counters = client.getDatabase("app").getCollection("counters");
            int stored = counter(counters);
            assertThat(stored).isGreaterThanOrEqualTo(acknowledged);
            try (Events events = open(counters, position)) {
                while (seen.get(seen.size() - 1) < stored) {
                    take(events, seen);
                }
            }
            assertThat(seen).hasSize(stored);
            for (int index = 0; index < seen.size(); index++) {
                assertThat(seen.get(index)).isEqualTo(index + 1);
            }
        }
    }

    private static Events open(MongoCollection<Document> counters, BsonDocument position) {
        if (position == null) {
            counters.insertOne(new Document("_id", 1).append("n", 0));
            return Events.open(counters.watch());
        }
        return Events.open(counters.watch().resumeAfter(position));
    }

    private static BsonDocument take(Events events, List<Integer> seen) {
        ChangeStreamDocument<Document> event = events.next();
        seen.add(event.getUpdateDescription().getUpdatedFields().getInt32("n").getValue());
        return event.getResumeToken();
    }

    private static int counter(MongoCollection<Document> counters) {
        Document found = counters.find(Filters.eq(1)).first();
        return found == null ? 0 : found.getInteger("n");
    }

    /** Writes until the server is gone; a write without an answer may or may not be there. */
    private static void write(MongoClient client, AtomicInteger written) {
        MongoCollection<Document> counters = client.getDatabase("app").getCollection("counters");
        try {
            while (true) {
                counters.updateOne(Filters.eq(1), Updates.inc("n", 1));
                written.incrementAndGet();
            }
        } catch (MongoException gone) {
            assertThat(gone).isNotNull();
        }
    }

    private Process spawn() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LocalMongo.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String uri(Process process) {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        return Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .until(output::readLine, line -> line.startsWith("mongodb:"));
    }
}
