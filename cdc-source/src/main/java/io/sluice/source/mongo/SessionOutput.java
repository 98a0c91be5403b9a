package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.mongo.UnrepresentableDocumentException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session has published and stored so far. Belongs to its thread. */
final class SessionOutput {

    private static final Logger LOG = LoggerFactory.getLogger(SessionOutput.class);

    private final MongoContext context;
    private final TransactionalPublisher publisher;
    private final int epoch;
    private final Positions positions;
    private final Map<TableId, OpenCollection> collections = new LinkedHashMap<>();
    private @Nullable BsonDocument storedToken;
    private long lastCommittedMicros;
    private long sinceCommit;
    private long firstNanos;

    SessionOutput(
            MongoContext context,
            TransactionalPublisher publisher,
            int epoch,
            MongoOffset stored,
            Collection<OpenCollection> collections) {
        this.context = context;
        this.publisher = publisher;
        this.epoch = epoch;
        this.positions = new Positions(epoch, stored, context.place());
        this.storedToken = stored.token();
        this.lastCommittedMicros = stored.committedAtMicros();
        collections.forEach(collection -> this.collections.put(collection.table(), collection));
    }

    Positions positions() {
        return positions;
    }

    Collection<OpenCollection> collections() {
        return collections.values();
    }

    /** @throws IllegalArgumentException if it is none of ours */
    OpenCollection collection(TableId table) {
        OpenCollection collection = collections.get(table);
        if (collection == null) {
            throw new IllegalArgumentException("this source does not read " + table);
        }
        return collection;
    }

    /** Notes that something was sent. */
    void sent(long committedAtMicros) {
        if (sinceCommit++ == 0) {
            firstNanos = System.nanoTime();
        }
        lastCommittedMicros = committedAtMicros;
    }

    long sinceCommit() {
        return sinceCommit;
    }

    long nanosSinceFirst() {
        return sinceCommit == 0 ? 0 : System.nanoTime() - firstNanos;
    }

    boolean isStored(@Nullable BsonDocument token) {
        return token == null || token.equals(storedToken);
    }

    /** Ends the Kafka transaction at this boundary. */
    void commit(@Nullable BsonDocument token) {
        for (OpenCollection collection : collections.values()) {
            if (collection.isUnstored(positions.time())) {
                publisher.send(context.state().collection(collection.state()));
            }
        }
        publisher.send(context.state()
                .offset(new MongoOffset(token, positions.time(), positions.order(), lastCommittedMicros)));
        publisher.commit();
        collections.values().forEach(OpenCollection::stored);
        storedToken = token;
        sinceCommit = 0;
        context.progress().stored(epoch, new StoredOffset(positions.time(), lastCommittedMicros));
    }

    /** Halts one collection; the others live. It is stored at the next boundary, with what was published before. */
    void halt(TableId table, String code, String problem, String remedy) {
        OpenCollection collection = collection(table);
        if (collection.isHalted()) {
            return;
        }
        collection.halt(new CollectionState.Halted(code, problem, remedy, positions.time()));
        context.progress().halted(table, new HaltException(code, problem, "collection " + table, remedy));
        sent(lastCommittedMicros);
        LOG.error("Collection {} halts: {} [{}]. {}", table, problem, code, remedy);
    }

    void halt(TableId table, UnrepresentableDocumentException cause) {
        halt(
                table,
                "VALUE_NOT_REPRESENTABLE",
                String.valueOf(cause.getMessage()),
                "Change the document in the source. " + HaltedCollections.remedy(context));
    }
}
