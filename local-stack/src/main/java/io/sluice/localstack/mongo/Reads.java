package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

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

    /** What a collection takes; of the oplog also what it may take. */
    Document stats(Channel channel, String database, String name, Document command) {
        return OPLOG.equals(new Namespace(database, Bson.required(command, name, String.class)))
                ? new Document("ns", OPLOG.full())
                        .append("size", history.bytes())
                        .append("maxSize", history.maxBytes())
                        .append("capped", true)
                        .append("ok", 1.0)
                : backend.handleCommand(channel, database, name, command);
    }

    Document query(Channel channel, String database, String name, Document command) {
        Document whole = command.clone();
        whole.remove("batchSize");
        Bound bound = Bound.takenFrom(whole);
        if (!(command.get("readConcern") instanceof Document concern && "snapshot".equals(concern.get("level")))) {
            Document reply = bound.applied(backend.handleCommand(channel, database, name, whole));
            Batches.cutFirst(reply, command, backend.cursors());
            return reply;
        }
        long time = concern.get("atClusterTime") instanceof BsonTimestamp at ? at.getValue() : history.last();
        Namespace namespace = new Namespace(database, String.valueOf(command.get(name)));
        Past past = journal.past();
        if (!past.reaches(time, namespace)) {
            throw new MongoServerError(239, "SnapshotTooOld", "This time is no longer kept.");
        }
        Map<Document, Document> since = past.since(time, namespace);
        if (!since.isEmpty()) {
            bound = bound.withLimit(whole);
        }
        // The rest of the result is sent later, when the documents may have changed.
        Document reply = backend.handleCommand(channel, database, name, whole).cloneDeeply();
        if (!since.isEmpty()) {
            restore(reply, since, command);
        }
        Batches.cutFirst(bound.applied(reply), command, backend.cursors());
        Bson.required(reply, "cursor", Document.class).put("atClusterTime", new BsonTimestamp(time));
        return reply;
    }

    /** Puts documents that were changed since back to what they were. */
    private static void restore(Document reply, Map<Document, Document> since, Document command) {
        boolean byKey = new Document("_id", 1).equals(command.get("sort"));
        if (!command.containsKey("find")
                || command.containsKey("projection")
                || command.containsKey("skip")
                || (command.containsKey("sort") && !byKey)) {
            throw Refusals.notImplemented("this kind of query on the past");
        }
        Document filter = command.get("filter") instanceof Document given ? given : new Document();
        DefaultQueryMatcher matcher = new DefaultQueryMatcher();
        Document cursor = Bson.required(reply, "cursor", Document.class);
        List<Document> documents = new ArrayList<>(Bson.documents(cursor, "firstBatch"));
        documents.removeIf(document -> since.containsKey(new Document("_id", document.get("_id"))));
        since.values().stream()
                .filter(before -> !before.isEmpty() && matcher.matches(before, filter))
                .forEach(documents::add);
        if (byKey) {
            documents.sort(
                    Comparator.comparing(document -> document.get("_id"), ValueComparator.ascWithoutListHandling()));
        }
        cursor.put("firstBatch", documents);
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
