package io.sluice.platform.mongo;

import com.mongodb.MongoException;
import com.mongodb.ReadPreference;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cursor of one command, batch by batch, with what the server says beside the documents: the driver's own cursors keep back
 * the time that a snapshot was read at, resume a stream by themselves, and wait equally long for each batch. Belongs to one
 * thread.
 */
public final class CommandCursor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CommandCursor.class);

    private final MongoDatabase database;
    private final @Nullable ClientSession session;
    private final String collection;
    private long id;
    private Batch last;

    /**
     * One reply.
     *
     * @param resumeToken the change stream's place after this batch; null of any other cursor
     * @param readAt the cluster time of the snapshot that was read; null without one
     */
    public record Batch(
            List<RawBsonDocument> documents, @Nullable BsonDocument resumeToken, @Nullable BsonTimestamp readAt) {

        public Batch {
            documents = List.copyOf(documents);
        }
    }

    private CommandCursor(MongoDatabase database, @Nullable ClientSession session, BsonDocument command) {
        this.database = database;
        this.session = session;
        BsonDocument cursor = run(command).getDocument("cursor");
        this.id = cursor.getNumber("id").longValue();
        String namespace = cursor.getString("ns").getValue();
        this.collection = namespace.substring(namespace.indexOf('.') + 1);
        this.last = batch(cursor, "firstBatch");
    }

    /** Runs a command whose reply holds a cursor. The client must not be used for it by others at the same time. */
    public static CommandCursor open(MongoClient client, String database, BsonDocument command) {
        // A server that knows sessions binds each cursor to one.
        boolean sessions = client.getClusterDescription().getLogicalSessionTimeoutMinutes() != null;
        ClientSession session = sessions ? client.startSession() : null;
        try {
            return new CommandCursor(client.getDatabase(database), session, command);
        } catch (RuntimeException e) {
            if (session != null) {
                session.close();
            }
            throw e;
        }
    }

    /** The batch that was read last; at first that of the command itself. */
    public Batch last() {
        return last;
    }

    /** Whether the server has more, or will have. */
    public boolean isOpen() {
        return id != 0;
    }

    /** Asks for the next batch. */
    public Batch next() {
        return next(getMore());
    }

    /** Asks for the next batch of a stream, and waits so long where there is nothing yet. */
    public Batch next(long waitMillis) {
        return next(getMore().append("maxTimeMS", new BsonInt64(waitMillis)));
    }

    private BsonDocument getMore() {
        if (id == 0) {
            throw new IllegalStateException("the cursor has come to its end");
        }
        return new BsonDocument("getMore", new BsonInt64(id)).append("collection", new BsonString(collection));
    }

    private Batch next(BsonDocument command) {
        BsonDocument cursor = run(command).getDocument("cursor");
        id = cursor.getNumber("id").longValue();
        last = batch(cursor, "nextBatch");
        return last;
    }

    private RawBsonDocument run(BsonDocument command) {
        return session == null
                ? database.runCommand(command, ReadPreference.primary(), RawBsonDocument.class)
                : database.runCommand(session, command, ReadPreference.primary(), RawBsonDocument.class);
    }

    private static Batch batch(BsonDocument cursor, String field) {
        List<RawBsonDocument> documents = new ArrayList<>();
        for (BsonValue value : cursor.getArray(field)) {
            documents.add((RawBsonDocument) value);
        }
        BsonDocument token =
                cursor.isDocument("postBatchResumeToken") ? cursor.getDocument("postBatchResumeToken") : null;
        BsonTimestamp readAt = cursor.isTimestamp("atClusterTime") ? cursor.getTimestamp("atClusterTime") : null;
        return new Batch(documents, token, readAt);
    }

    /** Tells the server too, if it can be reached. */
    @Override
    public void close() {
        try {
            if (id != 0) {
                run(new BsonDocument("killCursors", new BsonString(collection))
                        .append("cursors", new BsonArray(List.of(new BsonInt64(id)))));
            }
        } catch (MongoException | IllegalStateException e) {
            // The server ends it by itself after a while.
            LOG.debug("A cursor could not be closed", e);
        } finally {
            id = 0;
            if (session != null) {
                session.close();
            }
        }
    }
}
