package io.sluice.source.mongo;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.mongo.CommandCursor;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.jspecify.annotations.Nullable;

/** How a query reads what was committed by a majority at one cluster time, and says at which. */
final class Snapshots {

    private Snapshots() {}

    /** @param at null to let the server choose a time, not before {@code atLeast} */
    static BsonDocument concern(@Nullable BsonTimestamp at, long atLeast) {
        BsonDocument concern = new BsonDocument("level", new BsonString("snapshot"));
        return at == null
                ? concern.append("afterClusterTime", ClusterTime.timestamp(atLeast))
                : concern.append("atClusterTime", at);
    }

    /** The time that the server chose. Order hangs on it, so it is not taken on trust. */
    static BsonTimestamp readAt(CommandCursor.Batch batch, long atLeast, String place) {
        BsonTimestamp at = batch.readAt();
        if (at == null || ClusterTime.isAfter(atLeast, ClusterTime.of(at))) {
            throw new EnvironmentException(
                    "SNAPSHOT_UNAVAILABLE",
                    "the server read documents as of an earlier time than it was asked for, or does not say of which",
                    place,
                    "It is tried again. Where this repeats, look for a member that lags behind its set.",
                    null);
        }
        return at;
    }
}
