package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/** Opens change streams and waits for their events. Guarded by the lock of {@link Commands}, which a wait gives up. */
final class ChangeStreams {

    private static final long DEFAULT_WAIT_MILLIS = 1_000;

    private final WatchedBackend backend;
    private final History history;
    private final Condition changed;

    ChangeStreams(WatchedBackend backend, History history, Condition changed) {
        this.backend = backend;
        this.history = history;
        this.changed = changed;
    }

    Document open(String database, Document command) {
        StreamRequest request = StreamRequest.parse(database, command);
        ChangeStreamCursor cursor = new ChangeStreamCursor(
                backend.cursors().generateCursorId(), request, history, new EventRenderer(request, backend));
        List<Document> batch = cursor.takeEvents(Batches.size(Bson.required(command, "cursor", Document.class)));
        backend.cursors().add(cursor);
        String collection = request.collection() == null ? "$cmd.aggregate" : request.collection();
        return reply("firstBatch", batch, cursor, database + "." + collection);
    }

    /**
     * Waits until there are events, the cursor is killed, or the client's patience ends.
     *
     * @param abandoned whether nobody waits for the answer any more
     */
    Document getMore(ChangeStreamCursor cursor, String namespace, Document command, BooleanSupplier abandoned)
            throws InterruptedException {
        long waitMillis = command.get("maxTimeMS") instanceof Number millis ? millis.longValue() : DEFAULT_WAIT_MILLIS;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
        while (true) {
            List<Document> batch = take(cursor, Batches.size(command));
            long left = deadline - System.nanoTime();
            if (!batch.isEmpty() || cursor.isOver() || left <= 0 || abandoned.getAsBoolean()) {
                return reply("nextBatch", batch, cursor, namespace);
            }
            history.tickWhenIdle();
            changed.awaitNanos(left);
            // Throws if it was killed meanwhile.
            backend.cursors().getCursor(cursor.getId());
        }
    }

    private List<Document> take(ChangeStreamCursor cursor, int max) {
        try {
            return cursor.takeEvents(max);
        } catch (RuntimeException e) {
            backend.cursors().remove(cursor);
            throw e;
        }
    }

    private Document reply(String batchName, List<Document> batch, ChangeStreamCursor cursor, String namespace) {
        if (cursor.isOver()) {
            backend.cursors().remove(cursor);
        }
        Document reply = new Document(batchName, batch)
                .append("postBatchResumeToken", cursor.position())
                .append("id", cursor.isOver() ? 0L : cursor.getId())
                .append("ns", namespace);
        return new Document("cursor", reply).append("ok", 1.0);
    }
}
