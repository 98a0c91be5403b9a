package io.sluice.platform.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * How far the history that a replica set keeps reaches.
 *
 * @param oldestSeconds when its first entry was written, since 1970
 * @param newestSeconds when its last one was
 * @param bytes that it holds
 * @param mostBytes beyond which it forgets its oldest entries
 */
public record MongoOplog(long oldestSeconds, long newestSeconds, long bytes, long mostBytes) {

    private static final String DATABASE = "local";
    private static final String COLLECTION = "oplog.rs";

    /** Empty where we may not read it, as behind a router, or where the server does not say it. */
    public static Optional<MongoOplog> read(MongoClient client) {
        MongoDatabase database = client.getDatabase(DATABASE);
        try {
            Long oldest = seconds(database, 1);
            Long newest = seconds(database, -1);
            BsonDocument size =
                    database.runCommand(new BsonDocument("collStats", new BsonString(COLLECTION)), BsonDocument.class);
            return oldest == null || newest == null || !size.isNumber("size") || !size.isNumber("maxSize")
                    ? Optional.empty()
                    : Optional.of(new MongoOplog(
                            oldest,
                            newest,
                            size.getNumber("size").longValue(),
                            size.getNumber("maxSize").longValue()));
        } catch (MongoException e) {
            if (e.getCode() > 0) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static @Nullable Long seconds(MongoDatabase database, int order) {
        MongoCollection<BsonDocument> entries = database.getCollection(COLLECTION, BsonDocument.class);
        BsonDocument entry = entries.find()
                .sort(new BsonDocument("$natural", new BsonInt32(order)))
                .limit(1)
                .first();
        return entry == null || !entry.isTimestamp("ts")
                ? null
                : (Long) (long) entry.getTimestamp("ts").getTime();
    }

    /**
     * In how many seconds the entries of that time will be forgotten, if as much is written as has been; empty where nothing
     * is known of that.
     */
    public OptionalDouble secondsLeft(long positionSeconds) {
        if (bytes <= 0) {
            return OptionalDouble.empty();
        }
        double span = Math.max(1, newestSeconds - oldestSeconds);
        double untilFull = Math.max(0, mostBytes - bytes) * span / bytes;
        return OptionalDouble.of(Math.max(0, untilFull + positionSeconds - oldestSeconds));
    }
}
