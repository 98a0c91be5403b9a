package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.MongoOplog;
import io.sluice.source.capture.TimeToLoss;
import io.sluice.source.engine.SourceOutlook;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** Asks MongoDB how far its log is. */
final class OplogOutlook {

    private OplogOutlook() {}

    static SourceOutlook read(MongoClient client, long stored) {
        BsonDocument answer =
                client.getDatabase("admin").runCommand(new BsonDocument("ping", new BsonInt32(1)), BsonDocument.class);
        long end = answer.isTimestamp("operationTime") ? ClusterTime.of(answer.getTimestamp("operationTime")) : stored;
        Optional<Duration> left = stored == 0
                ? Optional.empty()
                : MongoOplog.read(client).flatMap(oplog -> left(oplog.secondsLeft(ClusterTime.seconds(stored))));
        return new SourceOutlook(
                Optional.empty(), ClusterTime.micros(end), end, OptionalLong.empty(), OptionalLong.empty(), left);
    }

    private static Optional<Duration> left(OptionalDouble seconds) {
        return seconds.isEmpty() ? Optional.empty() : TimeToLoss.ofSeconds(seconds.getAsDouble());
    }
}
