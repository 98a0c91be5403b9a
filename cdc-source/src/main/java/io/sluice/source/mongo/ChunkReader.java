package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.CommandCursor;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Reads a collection piece by piece, in the order of its ids, each piece as of one cluster time. Where a piece begins is said by
 * the index's bound, not by a condition: {@code $gt} only compares what is of one type. Safe for use by several threads.
 */
final class ChunkReader {

    private static final int FEWEST = 16;
    private static final int MOST = 10_000;
    private static final long WANTED_BYTES = 4L * 1024 * 1024;

    private final MongoClient client;
    private final String place;

    ChunkReader(MongoClient client, String place) {
        this.client = client;
        this.place = place;
    }

    /** A document and its key. */
    record Read(String key, Row row) {}

    /**
     * One piece.
     *
     * @param lastId the id it ends with; null if there was nothing more to read
     * @param readAt as of which cluster time
     * @param uuid of the collection that bore the name right after
     * @param nextLimit how many documents the next piece should have
     */
    record Chunk(List<Read> documents, @Nullable BsonValue lastId, long readAt, String uuid, int nextLimit) {

        Chunk {
            documents = List.copyOf(documents);
        }
    }

    static int firstLimit() {
        return 1_000;
    }

    /** @param after the id that the piece before ended with */
    Chunk read(TableId table, DocumentDecoder decoder, @Nullable BsonValue after, long atLeast, int limit) {
        BsonDocument byId = new BsonDocument(DocumentDecoder.ID, new BsonInt32(1));
        BsonDocument command = new BsonDocument("find", new BsonString(table.table()))
                .append("sort", byId)
                .append("hint", byId)
                .append("limit", new BsonInt32(limit))
                .append("batchSize", new BsonInt32(limit))
                .append("singleBatch", BsonBoolean.TRUE)
                .append("readConcern", Snapshots.concern(null, atLeast));
        if (after != null) {
            command.append("min", new BsonDocument(DocumentDecoder.ID, after));
        }
        CommandCursor.Batch batch;
        try (CommandCursor cursor = CommandCursor.open(client, table.schema(), command)) {
            batch = cursor.last();
        }
        long readAt = ClusterTime.of(Snapshots.readAt(batch, atLeast, place));
        String skipped = after == null ? null : DocumentDecoder.canonicalId(after);
        List<Read> documents = new ArrayList<>();
        BsonValue lastId = null;
        long bytes = 0;
        for (RawBsonDocument document : batch.documents()) {
            BsonValue id = DocumentDecoder.id(document);
            String key = DocumentDecoder.canonicalId(id);
            if (key.equals(skipped)) {
                // The bound is part of what it bounds.
                continue;
            }
            documents.add(new Read(key, decoder.row(key, document)));
            lastId = id;
            bytes += document.getByteBuffer().remaining();
        }
        String uuid = new MongoCatalog(client)
                .find(table.schema(), table.table())
                .map(MongoCatalog.Found::uuid)
                .orElse("");
        return new Chunk(documents, lastId, readAt, uuid, nextLimit(documents.size(), bytes, limit));
    }

    private static int nextLimit(int documents, long bytes, int limit) {
        if (documents == 0) {
            return limit;
        }
        long fitting = WANTED_BYTES / Math.max(1, bytes / documents);
        return (int) Math.max(FEWEST, Math.min(MOST, fitting));
    }
}
