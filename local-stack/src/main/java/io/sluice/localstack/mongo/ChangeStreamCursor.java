package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An open change stream: a place in the history and the events that are rendered but not yet sent. Guarded by the lock of
 * {@link Commands}.
 */
final class ChangeStreamCursor extends AbstractCursor {

    private final StreamRequest request;
    private final History history;
    private final EventRenderer renderer;
    /** Fragments of one event, or an event and the end it brings: they may be parted by the end of a batch. */
    private final Deque<Document> ready = new ArrayDeque<>();

    private Document position = new Document();
    private long seen;
    private int fragmentsSeen;
    private boolean ending;

    ChangeStreamCursor(long id, StreamRequest request, History history, EventRenderer renderer) {
        super(id);
        this.request = request;
        this.history = history;
        this.renderer = renderer;
        ResumeToken start = request.start() == null ? ResumeToken.highWater(history.last() + 1) : request.start();
        this.position = start.toDocument();
        startAt(start);
    }

    private void startAt(ResumeToken start) {
        if (start.time() <= history.lost()) {
            throw historyLost();
        }
        seen = start.time();
        if (start.kind() == ResumeToken.Kind.HIGH_WATER) {
            seen = start.time() - 1;
            return;
        }
        Change change = history.at(start.time());
        if (change == null) {
            throw historyLost();
        }
        if (start.kind() == ResumeToken.Kind.FRAGMENT) {
            seen = start.time() - 1;
            fragmentsSeen = start.fragment();
        } else if (start.kind() == ResumeToken.Kind.EVENT && request.endsWith(change)) {
            ready.addAll(renderer.renderInvalidate(change));
            ending = true;
        }
    }

    private static MongoServerError historyLost() {
        return new MongoServerError(
                286,
                "ChangeStreamHistoryLost",
                "Resume of change stream was not possible, as the resume point may no longer be in the oplog.");
    }

    /** The next events, up to a number and to the size of a document; none at the end of the history. */
    List<Document> takeEvents(int max) {
        List<Document> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < max) {
            if (ready.isEmpty() && !renderNext(batch.isEmpty())) {
                break;
            }
            Document next = ready.peek();
            if (next != null) {
                bytes += Bson.size(next);
                if (bytes > Bson.MAX_BYTES && !batch.isEmpty()) {
                    break;
                }
                batch.add(ready.remove());
                position = Bson.required(next, "_id", Document.class);
            }
        }
        return batch;
    }

    /** Renders the next change; false if there is none or it can't be rendered and events before it are to be sent first. */
    private boolean renderNext(boolean first) {
        if (ending) {
            return false;
        }
        if (seen < history.lost()) {
            throw historyLost();
        }
        Change change = history.after(seen);
        if (change == null) {
            if (seen < history.last()) {
                seen = history.last();
                position = ResumeToken.highWater(seen).toDocument();
            }
            return false;
        }
        if (request.covers(change)) {
            try {
                ready.addAll(renderer.render(change));
            } catch (MongoServerError e) {
                if (first) {
                    throw e;
                }
                return false;
            }
            for (int fragment = 0; fragment < fragmentsSeen; fragment++) {
                ready.poll();
            }
            if (request.endsWith(change)) {
                ready.addAll(renderer.renderInvalidate(change));
                ending = true;
            }
        }
        fragmentsSeen = 0;
        seen = change.time();
        if (ready.isEmpty()) {
            position = ResumeToken.highWater(seen).toDocument();
        }
        return true;
    }

    /** Where a client that has everything sent so far goes on. */
    Document position() {
        return position;
    }

    boolean isOver() {
        return ending && ready.isEmpty();
    }

    @Override
    public boolean isEmpty() {
        return isOver();
    }

    @Override
    public List<Document> takeDocuments(int numberToReturn) {
        return takeEvents(numberToReturn);
    }
}
