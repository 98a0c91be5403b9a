package io.sluice.source.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.CommandCursor;
import io.sluice.platform.mongo.MongoDeployment;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * An open change stream that hands on whole cluster times: events of one transaction share theirs, and the server may part them
 * between two batches. The last time of a batch waits for the next one, which says whether it is whole. Belongs to one thread.
 */
final class ChangeStream implements AutoCloseable {

    /** A transaction beyond this is handed on in pieces. */
    private static final long MOST_HELD_BYTES = 32L * 1024 * 1024;

    private final CommandCursor cursor;
    private final EventReader reader;
    private final EventFragments fragments;
    private final StreamFailure failures;
    private final boolean sharded;

    private List<StreamEvent> held = new ArrayList<>();
    private long heldBytes;

    /**
     * What was read at once.
     *
     * @param token where a stream goes on after it; null if that is not known, for there is no boundary
     * @param through the cluster time that is over with it
     * @param isBoundary whether every event up to there was handed on
     * @param isAtHead whether the server had no more at that moment
     */
    record Part(
            List<StreamEvent> events,
            @Nullable BsonDocument token,
            long through,
            boolean isBoundary,
            boolean isAtHead) {

        Part {
            events = List.copyOf(events);
        }
    }

    private ChangeStream(
            CommandCursor cursor, EventReader reader, String place, StreamFailure failures, boolean sharded) {
        this.cursor = cursor;
        this.reader = reader;
        this.fragments = new EventFragments(place);
        this.failures = failures;
        this.sharded = sharded;
    }

    static ChangeStream open(MongoContext context, MongoClient client, MongoDeployment deployment, MongoOffset start) {
        StreamFailure failures = new StreamFailure(context);
        StreamRequest request = new StreamRequest(context.tables().all(), deployment);
        try {
            return new ChangeStream(
                    CommandCursor.open(client, request.database(), request.command(start)),
                    new EventReader(context.tables().all()),
                    context.place(),
                    failures,
                    deployment.sharded());
        } catch (MongoException e) {
            throw failures.of(e);
        }
    }

    /** Whether events wait for what comes after them, so that the next look should not take long. */
    boolean holdsBack() {
        return !held.isEmpty();
    }

    /** Whether the server has ended it; another goes on from the last token. */
    boolean isOver() {
        return !cursor.isOpen() && held.isEmpty();
    }

    /** Waits so long for events if there are none. */
    Part read(long waitMillis) {
        CommandCursor.Batch batch;
        try {
            batch = cursor.next(waitMillis);
        } catch (MongoException e) {
            throw failures.of(e);
        }
        BsonDocument lastId = null;
        for (RawBsonDocument document : batch.documents()) {
            lastId = document.getDocument("_id");
            heldBytes += document.getByteBuffer().remaining();
            BsonDocument event = fragments.add(document);
            if (event != null) {
                held.add(reader.read(event));
            }
        }
        BsonDocument token = batch.resumeToken();
        if (fragments.isEmpty() && token != null && (lastId == null || !lastId.equals(token) || !cursor.isOpen())) {
            return whole(token);
        }
        return upToTheLastTime();
    }

    /** The server has told everything up to the token. */
    private Part whole(BsonDocument token) {
        List<StreamEvent> events = held;
        held = new ArrayList<>();
        heldBytes = 0;
        long last = events.isEmpty() ? 0 : events.get(events.size() - 1).time();
        // A router knows only that nothing earlier will come: some shard may still have an event of that very time.
        long promised = ClusterTime.ofToken(token).orElse(last) - (sharded ? 1 : 0);
        return new Part(events, token, ClusterTime.later(last, promised), true, true);
    }

    private Part upToTheLastTime() {
        if (held.isEmpty()) {
            return new Part(List.of(), null, 0, false, false);
        }
        long lastTime = held.get(held.size() - 1).time();
        int end = held.size();
        while (end > 0 && held.get(end - 1).time() == lastTime) {
            end--;
        }
        if (end == 0) {
            return heldBytes > MOST_HELD_BYTES
                    ? new Part(taken(held.size()), null, 0, false, false)
                    : new Part(List.of(), null, 0, false, false);
        }
        List<StreamEvent> events = taken(end);
        StreamEvent last = events.get(events.size() - 1);
        return new Part(events, last.token(), last.time(), true, false);
    }

    private List<StreamEvent> taken(int count) {
        List<StreamEvent> events = new ArrayList<>(held.subList(0, count));
        held = new ArrayList<>(held.subList(count, held.size()));
        heldBytes = 0;
        return events;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
