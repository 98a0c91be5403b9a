package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Debezium's MongoDB connector in its embedded engine, with offsets in a file: a test's own, not the product's. */
final class Connector implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;

    /** One change as the connector hands it over; the documents are in extended JSON. */
    record Change(String operation, int id, @Nullable String before, @Nullable String after) {

        static Change of(SourceRecord record) {
            Struct value = (Struct) record.value();
            String key = ((Struct) record.key()).getString("id");
            try {
                return new Change(
                        value.getString("op"),
                        new ObjectMapper().readTree(key).asInt(),
                        value.getString("before"),
                        value.getString("after"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Connector(Properties properties) {
        engine = DebeziumEngine.create(Connect.class)
                .using(properties)
                .using(OffsetCommitPolicy.always())
                .using((success, message, error) -> end.complete(success ? "" : String.valueOf(message)))
                .notifying(event -> {
                    SourceRecord record = event.value();
                    if (record.value() instanceof Struct value && value.schema().field("op") != null) {
                        changes.add(Change.of(record));
                    }
                })
                .build();
    }

    static Connector start(String uri, Path offsets, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "name", "source",
                "connector.class", "io.debezium.connector.mongodb.MongoDbConnector",
                "mongodb.connection.string", uri,
                "topic.prefix", "source",
                "collection.include.list", "app.users",
                "capture.mode", "change_streams_update_full",
                "tombstones.on.delete", "false",
                "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore",
                "offset.storage.file.filename", offsets.toString(),
                "poll.interval.ms", "20"));
        properties.setProperty("errors.max.retries", "3");
        properties.setProperty("cursor.max.await.time.ms", "100");
        properties.setProperty("heartbeat.interval.ms", "100");
        properties.putAll(settings);
        Connector connector = new Connector(properties);
        connector.thread.execute(connector.engine);
        return connector;
    }

    List<Change> next(int count) {
        List<Change> taken = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (taken.size() < count) {
                Change change = changes.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                assertThat(change)
                        .as("change %d of %d; the connector says: %s", taken.size() + 1, count, end.getNow("running"))
                        .isNotNull();
                taken.add(change);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return taken;
    }

    List<Change> received() {
        return List.copyOf(changes);
    }

    /** What the connector says when it ends in an error. */
    String awaitFailure() {
        return Awaitility.await().atMost(PATIENCE).until(() -> end.getNow(""), message -> !message.isBlank());
    }

    static void retried(Runnable action) {
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            action.run();
            return true;
        });
    }

    @Override
    public void close() {
        try {
            engine.close();
        } catch (IOException | IllegalStateException e) {
            // It has ended already, with the error that awaitFailure tells.
            assertThat(end).isDone();
        } finally {
            thread.shutdown();
        }
        Awaitility.await().atMost(PATIENCE).until(thread::isTerminated);
    }
}
