package io.sluice.source.engine;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.source.decode.LogDecoder;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.publish.TransactionalPublisher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs Debezium's engine over our slot and publishes what it brings, in Kafka transactions that end at boundaries. */
final class CaptureEngine {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureEngine.class);

    /** A commit costs milliseconds: per thousands of changes that is nothing, per hundred it would be everything. */
    private static final int COMMIT_CHANGES = 2_000;

    /** Boundaries without changes of ours move the slot, and need not do so at once. */
    private static final long EMPTY_COMMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int ANSWER_SECONDS = 10;
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final EngineBridge bridge;
    private final SourceContext context;
    private final TransactionalPublisher publisher;
    private final Backfills backfills;
    private final LongConsumer committedAt;
    private final int epoch;
    private final LogDecoder decoder;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private @Nullable StoredOffset reached;
    private long uncommittedChanges;
    private long lastCommitNanos = System.nanoTime();
    private boolean committed;
    private long backfillEnd = System.nanoTime();
    private long backfillNanos;

    /** @param committedAt is told of each boundary that Kafka has */
    CaptureEngine(
            EngineBridge bridge,
            SourceContext context,
            TransactionalPublisher publisher,
            int epoch,
            StreamTables tables,
            Backfills backfills,
            LongConsumer committedAt) {
        this.bridge = bridge;
        this.context = context;
        this.publisher = publisher;
        this.backfills = backfills;
        this.committedAt = committedAt;
        this.epoch = epoch;
        this.decoder = new LogDecoder(
                epoch,
                context.safeguards().positionFilter() ? bridge.stored() : new StoredOffset(0, 0),
                tables,
                bridge.origins(),
                this::reached);
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties())
                .using(OffsetCommitPolicy.always())
                .using((success, message, error) -> {
                    if (!success) {
                        failure.compareAndSet(null, error == null ? new IllegalStateException(message) : error);
                    }
                })
                .notifying(this::handle)
                .build();
    }

    private Properties properties() {
        Properties properties = new Properties();
        PostgresConnector connector = context.connector();
        properties.setProperty(EngineBridge.CONFIG, bridge.name());
        properties.setProperty("name", bridge.slot());
        properties.setProperty("topic.prefix", bridge.slot());
        properties.setProperty("connector.class", LogConnector.class.getName());
        properties.setProperty("offset.storage", StoredOffsets.class.getName());
        properties.setProperty("tasks.max", "1");
        properties.setProperty("record.processing.threads", "1");
        properties.setProperty("database.hostname", connector.host());
        properties.setProperty("database.port", Integer.toString(connector.port()));
        properties.setProperty("database.dbname", connector.database());
        connector.properties().forEach((name, value) -> {
            if (!name.equals("user") && !name.equals("password")) {
                properties.setProperty("driver." + name, value.toString());
            }
        });
        // Debezium asks its own connection now and then whether the server is there, and would wait for ever.
        properties.setProperty("driver.socketTimeout", Integer.toString(ANSWER_SECONDS));
        connector.user().ifPresent(user -> properties.setProperty("database.user", user));
        connector.password().ifPresent(password -> properties.setProperty("database.password", password.reveal()));
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", bridge.slot());
        properties.setProperty("slot.drop.on.stop", "false");
        properties.setProperty("publication.name", bridge.publications().get(0));
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty("snapshot.mode", "no_data");
        properties.setProperty("lsn.flush.mode", "connector");
        properties.setProperty("errors.max.retries", "0");
        properties.setProperty("tombstones.on.delete", "false");
        // Our decoder knows the bounds of transactions; Debezium sees chunks of the log and no tables.
        properties.setProperty("provide.transaction.metadata", "false");
        properties.setProperty("table.include.list", "sluice_none[.]sluice_none");
        // A chunk is worth waking up for, and a few of them are enough to keep the publisher busy.
        properties.setProperty("max.batch.size", "1");
        properties.setProperty("max.queue.size", "4");
        properties.setProperty("poll.interval.ms", "500");
        return properties;
    }

    /** Streams until it fails or is closed. */
    void run() throws Exception {
        engine.run();
        Throwable cause = failure.get();
        if (cause instanceof Exception exception) {
            throw exception;
        }
        if (cause != null) {
            throw new IllegalStateException("the capture engine failed", cause);
        }
    }

    private void handle(
            List<RecordChangeEvent<SourceRecord>> events,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        for (RecordChangeEvent<SourceRecord> event : events) {
            committed = false;
            decoder.decode(chunk(event.record()));
            if (!decoder.atBoundary()) {
                reach(Safeguards.Point.INSIDE_TRANSACTION);
            }
            int underway = bridge.chunksUnderway().decrementAndGet();
            if (underway == 0 && decoder.atBoundary() && isWorthCommitting()) {
                commit();
            }
            if (committed && decoder.atBoundary() && underway == 0) {
                backfill(true);
            }
            if (committed) {
                // Debezium reads the store again and moves the slot to what it finds there.
                committer.markProcessed(event);
                committer.markBatchFinished();
                reach(Safeguards.Point.OFFSET_SERVED);
            }
        }
    }

    private void reach(Safeguards.Point point) {
        context.reach(point);
    }

    private static byte[] chunk(SourceRecord record) {
        ByteBuffer content =
                (ByteBuffer) ((Struct) record.value()).getStruct("message").get("content");
        if (content.hasArray() && content.arrayOffset() == 0 && content.array().length == content.remaining()) {
            return content.array();
        }
        byte[] copy = new byte[content.remaining()];
        content.get(copy);
        return copy;
    }

    private void reached(StoredOffset offset, long changes, int transaction) {
        reached = offset;
        uncommittedChanges += changes;
        backfills.published(transaction);
        if (uncommittedChanges >= COMMIT_CHANGES) {
            commit();
            backfill(false);
        }
    }

    /**
     * Lets loads take their turn, at a boundary that is committed.
     *
     * @param idle whether the stream has nothing else to do; otherwise it gets at least as much time as the loads
     */
    private void backfill(boolean idle) {
        long begin = System.nanoTime();
        if (!backfills.hasWork() || (!idle && begin - backfillEnd < backfillNanos)) {
            return;
        }
        try {
            backfills.step(bridge.stored());
        } catch (SQLException e) {
            throw new IllegalStateException("a load failed", e);
        }
        backfillEnd = System.nanoTime();
        backfillNanos = backfillEnd - begin;
    }

    private boolean isWorthCommitting() {
        return uncommittedChanges > 0
                || backfills.hasWork()
                || System.nanoTime() - lastCommitNanos > EMPTY_COMMIT_NANOS;
    }

    private void commit() {
        StoredOffset offset = reached;
        if (offset == null) {
            return;
        }
        reach(Safeguards.Point.COMMITTING);
        if (context.safeguards().offsetInTransaction()) {
            publisher.commit(offset);
        } else {
            publisher.commit();
            reach(Safeguards.Point.CHANGES_COMMITTED);
            publisher.commit(offset);
        }
        reach(Safeguards.Point.COMMITTED);
        bridge.store(offset);
        context.progress().stored(epoch, offset);
        reached = null;
        uncommittedChanges = 0;
        lastCommitNanos = System.nanoTime();
        committed = true;
        committedAt.accept(offset.lsn());
    }

    /** Ends the stream; {@link #run} returns soon after. Debezium refuses while it is starting, so this asks again. */
    void close() {
        long deadline = System.nanoTime() + CLOSE_NANOS;
        while (true) {
            try {
                engine.close();
                return;
            } catch (IllegalStateException e) {
                if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                    LOG.debug("The engine ends by itself", e);
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            } catch (IOException e) {
                LOG.debug("The engine did not end cleanly", e);
                return;
            }
        }
    }
}
