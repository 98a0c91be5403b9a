package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Queries, in batches and at a point in time. Guarded by the lock of {@link Commands}. */
final class Reads {

    private static final Namespace OPLOG = new Namespace("local", "oplog.rs");

    private final WatchedBackend backend;
    private final History history;
    private final Journal journal;

    Reads(WatchedBackend backend, History history, Journal journal) {
        this.backend = backend;
        this.history = history;
        this.journal = journal;
    }

    Document find(Channel channel, String database, String name, Document command) {
        return OPLOG.equals(new Namespace(database, Bson.required(command, name, String.class)))
                ? oplogEnds(command)
                : query(channel, database, name, command);
    }

    Document query(Channel channel, String database, String name, Document command) {
        Document whole = command.clone();
        whole.remove("batchSize");
        if (!(command.get("readConcern") instanceof Document concern && "snapshot".equals(concern.get("level")))) {
            Document reply = backend.handleCommand(channel, database, name, whole);
            Batches.cutFirst(reply, command, backend.cursors());
            return reply;
        }
        long time = history.last();
        if (concern.get("atClusterTime") instanceof BsonTimestamp at) {
            time = at.getValue();
            if (time < journal.lastChange(new Namespace(database, String.valueOf(command.get(name))))) {
                throw new MongoServerError(
                        239,
                        "SnapshotTooOld",
                        "This stand-in reads the past only of a collection that has not changed since.");
            }
        }
        // The rest of the result is sent later, when the documents may have changed.
        Document reply = backend.handleCommand(channel, database, name, whole).cloneDeeply();
        Batches.cutFirst(reply, command, backend.cursors());
        Bson.required(reply, "cursor", Document.class).put("atClusterTime", new BsonTimestamp(time));
        return reply;
    }

    /** The oldest and the newest entry, which is what one asks the oplog for: how far back it reaches. */
    private Document oplogEnds(Document command) {
        List<Document> entries = new ArrayList<>();
        history.ends()
                .forEach(change -> entries.add(new Document("ts", new BsonTimestamp(change.time()))
                        .append("t", 1L)
                        .append("op", change.kind().operationType.substring(0, 1))
                        .append("ns", change.namespace().full())
                        .append("wall", change.wallTime())));
        if (command.get("sort") instanceof Document sort
                && sort.get("$natural") instanceof Number order
                && order.intValue() < 0) {
            Collections.reverse(entries);
        }
        int limit = command.get("limit") instanceof Number number ? number.intValue() : 0;
        List<Document> batch = limit > 0 && limit < entries.size() ? entries.subList(0, limit) : entries;
        Document cursor = new Document("firstBatch", batch).append("id", 0L).append("ns", OPLOG.full());
        return new Document("cursor", cursor).append("ok", 1.0);
    }
}
