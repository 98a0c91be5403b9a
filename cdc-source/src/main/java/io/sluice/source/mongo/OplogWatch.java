package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.MongoOplog;
import io.sluice.source.capture.TimeToLoss;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** Looks now and then how long the oplog will still hold our position. Belongs to the session's thread. */
final class OplogWatch {

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Where we may not read it: somebody may grant that. */
    private static final long RARE_LOOK_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final MongoContext context;
    private final MongoClient client;
    private final TimeToLoss time;
    private long nextNanos = System.nanoTime();

    OplogWatch(MongoContext context, MongoClient client) {
        this.context = context;
        this.client = client;
        this.time = new TimeToLoss(
                context.source().name(),
                "Make the oplog larger: db.adminCommand({replSetResizeOplog: 1, size: …, minRetentionHours: …}).",
                context.progress()::timeToLoss);
    }

    void look() {
        long now = System.nanoTime();
        if (now - nextNanos >= 0) {
            long stored = context.progress().snapshot().boundary();
            Optional<MongoOplog> oplog = MongoOplog.read(client);
            nextNanos = now + (oplog.isPresent() ? LOOK_NANOS : RARE_LOOK_NANOS);
            time.observe(oplog.flatMap(found -> left(found, stored)));
        }
    }

    private static Optional<Duration> left(MongoOplog oplog, long position) {
        OptionalDouble seconds = oplog.secondsLeft(ClusterTime.seconds(position));
        return seconds.isEmpty() ? Optional.empty() : TimeToLoss.ofSeconds(seconds.getAsDouble());
    }
}
