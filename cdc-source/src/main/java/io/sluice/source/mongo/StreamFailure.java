package io.sluice.source.mongo;

import com.mongodb.MongoException;
import io.sluice.platform.error.HaltException;
import java.util.Set;

/** Tells what in a change stream can't be mended by trying again. */
final class StreamFailure {

    private static final int TOO_LARGE = 10334;
    private static final int NO_REPLICA_SET = 40573;
    private static final int SNAPSHOT_TOO_OLD = 239;
    private static final int SNAPSHOT_UNAVAILABLE = 246;
    /** History lost, fatal error of a stream, position lost in a capped collection, unknown token. */
    private static final Set<Integer> LOST = Set.of(286, 280, 136, 260);

    private final MongoContext context;

    StreamFailure(MongoContext context) {
        this.context = context;
    }

    /** The failure itself, where another try may help. */
    RuntimeException of(MongoException failure) {
        if (LOST.contains(failure.getCode())) {
            return new HaltException(
                    "HISTORY_LOST",
                    "the server's oplog no longer holds the changes since the stored position (error "
                            + failure.getCode() + ")",
                    context.connector().address(),
                    "Start a new epoch with " + context.newEpochCommand()
                            + ". Make the oplog larger, so that it covers the longest time that the source may be away.",
                    failure);
        }
        if (failure.getCode() == TOO_LARGE) {
            return new HaltException(
                    "EVENT_TOO_LARGE",
                    "a change event is larger than the server can send",
                    context.connector().address(),
                    "Use a server that splits events, 6.0.9 or 7.0 and newer; or switch off changeStreamPreAndPostImages of"
                            + " collections with large documents and start a new epoch with "
                            + context.newEpochCommand()
                            + ".",
                    failure);
        }
        if (failure.getCode() == NO_REPLICA_SET) {
            return new HaltException(
                    "SOURCE_UNFIT",
                    "the server belongs to no replica set, so it keeps no history of changes",
                    context.connector().address(),
                    "Make it a replica set of one member: start it with --replSet and run rs.initiate().",
                    failure);
        }
        return failure;
    }

    /** Whether the server no longer, or not yet, has the past that was asked for. */
    static boolean isSnapshotGone(MongoException failure) {
        return failure.getCode() == SNAPSHOT_TOO_OLD || failure.getCode() == SNAPSHOT_UNAVAILABLE;
    }
}
