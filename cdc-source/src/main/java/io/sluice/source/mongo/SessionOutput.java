package io.sluice.source.mongo;

import io.sluice.platform.mongo.UnrepresentableDocumentException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Remedies;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

    Optional<OpenCollection> find(TableId table) {
        return Optional.ofNullable(collections.get(table));
    }

    /** Notes that something other than a change has to be stored. */
    void changed() {
        sent(lastCommittedMicros);
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
    void halt(TableId table, String code, String problem) {
        halt(table, code, problem, "");
    }

    void halt(TableId table, UnrepresentableDocumentException cause) {
        halt(
                table,
                "VALUE_NOT_REPRESENTABLE",
                String.valueOf(cause.getMessage()),
                "Change the document in the source. ");
    }

    /** @param first what has to be done before it is read again */
    private void halt(TableId table, String code, String problem, String first) {
        String remedy = first
                + "Its changes are discarded from here on, those of other collections go on. Read it again with "
                + Remedies.backfill(table) + ", or take it out of the pipeline file.";
        halt(table, new CollectionState.Halted(code, problem, remedy, positions.time()));
    }

    void halt(TableId table, CollectionState.Halted why) {
        OpenCollection collection = collection(table);
        if (collection.isHalted()) {
            return;
        }
        collection.halt(why, positions.here());
        context.progress().halted(table, why.cause(table));
        changed();
        LOG.error("Collection {} halts: {} [{}]. {}", table, why.problem(), why.code(), why.remedy());
    }
}
