package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.Cursor;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;
import io.netty.channel.Channel;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers commands, one at a time. The one lock makes the order of the history the order in which writes were acknowledged,
 * and keeps a reader from seeing a document half written: the library changes documents in place.
 */
final class Commands {

    private static final int SIGNATURE_BYTES = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final History history;
    private final Journal journal;
    private final WatchedBackend backend;
    private final Catalog catalog;
    private final ChangeStreams streams;
    private final Reads reads;
    private final Handshake handshake;
    private boolean closing;

    Commands(History history, Journal journal, WatchedBackend backend, Clock clock) {
        this.history = history;
        this.journal = journal;
        this.backend = backend;
        this.catalog = new Catalog(backend, journal);
        this.streams = new ChangeStreams(backend, history, changed);
        this.reads = new Reads(backend, history, journal);
        this.handshake = new Handshake(clock);
    }

    /** The reply, a copy that no later command changes. */
    Document answer(Channel channel, String database, Document command) {
        lock.lock();
        try {
            return stamped(recorded(channel, database, command));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return stamped(error(new MongoServerError(11600, "InterruptedAtShutdown", "interrupted at shutdown")));
        } finally {
            lock.unlock();
        }
    }

    /** What a command changed is in the file before anybody hears of it: a seen event must not be gone after a kill. */
    private Document recorded(Channel channel, String database, Document command) throws InterruptedException {
        long before = history.last();
        try {
            return dispatch(channel, database, command).cloneDeeply();
        } catch (MongoServerException e) {
            return error(e);
        } finally {
            journal.commit();
            if (history.last() != before) {
                changed.signalAll();
            }
        }
    }

    private Document dispatch(Channel channel, String database, Document command) throws InterruptedException {
        String name = command.keySet().iterator().next();
        Refusals.check(name, command);
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "hello", "ismaster" -> handshake.hello(channel, history.last());
            case "replsetgetstatus" -> handshake.status(channel, history.last());
            case "listdatabases" -> catalog.listDatabases(command);
            case "listcollections" -> catalog.listCollections(database, command);
            case "create" -> catalog.create(channel, database, command);
            case "collmod" -> catalog.collMod(database, command);
            case "drop" -> catalog.drop(database, command);
            case "dropdatabase" -> catalog.dropDatabase(database);
            case "renamecollection" -> catalog.rename(command);
            case "createindexes", "dropindexes" -> {
                Document reply = backend.handleCommand(channel, database, name, command);
                catalog.describeIndexes(new Namespace(database, Bson.required(command, name, String.class)));
                yield reply;
            }
            case "insert" -> countInserted(backend.handleCommand(channel, database, name, command), command);
            case "collstats" -> reads.stats(channel, database, name, command);
            case "find" -> reads.find(channel, database, name, command);
            case "aggregate" ->
                StreamRequest.isChangeStream(command)
                        ? streams.open(database, command)
                        : reads.query(channel, database, name, command);
            case "getmore" -> getMore(channel, database, name, command);
            default -> backend.handleCommand(channel, database, name, command);
        };
    }

    private Document getMore(Channel channel, String database, String name, Document command)
            throws InterruptedException {
        Cursor cursor = backend.cursors()
                .getCursor(Bson.required(command, name, Number.class).longValue());
        if (cursor instanceof ChangeStreamCursor stream) {
            String namespace = database + "." + command.get("collection");
            return streams.getMore(stream, namespace, command, () -> closing || !channel.isActive());
        }
        command.putIfAbsent("batchSize", Integer.MAX_VALUE);
        return backend.handleCommand(channel, database, name, command);
    }

    /** The library counts documents that were not inserted, too. */
    private static Document countInserted(Document reply, Document command) {
        if (reply.get("writeErrors") instanceof List<?> errors && !errors.isEmpty()) {
            boolean ordered = !Boolean.FALSE.equals(command.get("ordered"));
            int given = Bson.required(command, "documents", List.class).size();
            Integer failedAt = (Integer) ((Document) errors.get(0)).get("index");
            reply.put("n", ordered && failedAt != null ? failedAt : given - errors.size());
        }
        return reply;
    }

    private static Document error(MongoServerException e) {
        Document reply = new Document("ok", 0.0).append("errmsg", e.getMessageWithoutErrorCode());
        if (e instanceof MongoServerError error) {
            reply.append("code", error.getCode());
            reply.putIfNotNull("codeName", error.getCodeName());
        }
        return reply;
    }

    private Document stamped(Document reply) {
        BsonTimestamp time = new BsonTimestamp(history.last());
        Document signature = new Document("hash", new BinData(new byte[SIGNATURE_BYTES])).append("keyId", 0L);
        return reply.append("operationTime", time)
                .append("$clusterTime", new Document("clusterTime", time).append("signature", signature));
    }

    void disconnected(Channel channel) {
        lock.lock();
        try {
            backend.handleClose(channel);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void rollOver() {
        lock.lock();
        try {
            history.rollOver();
            journal.commit();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Answers whoever waits. */
    void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
