package io.sluice.source.decode;

import io.sluice.schemas.model.Key;
import java.util.Set;

/**
 * The stretch of the log that a range of keys has already seen, which was read beside the stream.
 *
 * <p>Only events of rows that the range held are dropped: they are older than the row that was read. One of a row that the range
 * did not hold is let through, for it says why that row is not there.
 */
public final class ChunkWindow {

    private final SeenTransactions seen;
    private final Set<Key> keys;

    public ChunkWindow(SeenTransactions seen, Set<Key> keys) {
        this.seen = seen;
        this.keys = Set.copyOf(keys);
    }

    boolean isPast(long boundary) {
        return seen.isPast(boundary);
    }

    boolean hasSeen(long commitLsn, int transaction) {
        return seen.hasSeen(commitLsn, transaction);
    }

    boolean drops(Key key, long commitLsn, int transaction) {
        return seen.hasSeen(commitLsn, transaction) && keys.contains(key);
    }
}
