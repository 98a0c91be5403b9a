package io.sluice.source.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.mongo.CommandCursor;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.schemas.model.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents as they were at one cluster time: at the one that is asked for, as long as the server still has it, or else at
 * a later one.
 */
final class Lookups {

    private static final long MOST_BYTES = 32L * 1024 * 1024;

    private final MongoClient client;
    private final String place;

    Lookups(MongoClient client, String place) {
        this.client = client;
        this.place = place;
    }

    /**
     * Documents of a collection as of one time; what is not among them did not exist then.
     *
     * @param time the cluster time
     */
    record Found(long time, Map<String, RawBsonDocument> documents) {}

    /**
     * Reads documents of one collection.
     *
     * @param ids by their key
     * @return empty if they are too large to be held at once, and there are several
     */
    Optional<Found> read(TableId table, Map<String, BsonValue> ids, long atLeast) {
        try {
            return read(table, ids, atLeast, ClusterTime.timestamp(atLeast));
        } catch (MongoException e) {
            if (!StreamFailure.isSnapshotGone(e)) {
                throw e;
            }
        }
        try {
            return read(table, ids, atLeast, null);
        } catch (MongoException e) {
            if (!StreamFailure.isSnapshotGone(e)) {
                throw e;
            }
            throw new EnvironmentException(
                    "SNAPSHOT_UNAVAILABLE",
                    "the server can't read documents as of one time (error " + e.getCode() + ")",
                    place,
                    "It is tried again. Where this repeats, look for changes of collections or indexes under way.",
                    e);
        }
    }

    private Optional<Found> read(TableId table, Map<String, BsonValue> ids, long atLeast, @Nullable BsonTimestamp at) {
        BsonArray wanted = new BsonArray(List.copyOf(ids.values()));
        BsonDocument command = new BsonDocument("find", new BsonString(table.table()))
                .append("filter", new BsonDocument(DocumentDecoder.ID, new BsonDocument("$in", wanted)))
                .append("readConcern", Snapshots.concern(at, atLeast));
        Map<String, RawBsonDocument> documents = new HashMap<>();
        long bytes = 0;
        try (CommandCursor cursor = CommandCursor.open(client, table.schema(), command)) {
            long readAt = ClusterTime.of(at == null ? Snapshots.readAt(cursor.last(), atLeast, place) : at);
            for (CommandCursor.Batch batch = cursor.last(); ; batch = cursor.next()) {
                for (RawBsonDocument document : batch.documents()) {
                    bytes += document.getByteBuffer().remaining();
                    documents.put(DocumentDecoder.canonicalId(DocumentDecoder.id(document)), document);
                }
                if (bytes > MOST_BYTES && ids.size() > 1) {
                    return Optional.empty();
                }
                if (!cursor.isOpen()) {
                    return Optional.of(new Found(readAt, documents));
                }
            }
        }
    }
}
