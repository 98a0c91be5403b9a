package io.sluice.source.decode;

import io.sluice.source.position.TableLoad;
import java.util.Arrays;

/** Says which transactions a table's load has already seen, because they were visible in its snapshot. */
final class LoadFilter {

    private final long until;
    private final long end;
    private final long[] inProgress;

    private LoadFilter(long until, long end, long[] inProgress) {
        this.until = until;
        this.end = end;
        this.inProgress = inProgress;
    }

    /** Reads {@code xmin:xmax:xip,…}. */
    static LoadFilter of(TableLoad.Filter filter) {
        String[] parts = filter.snapshot().split(":", -1);
        if (parts.length != 3) {
            throw new IllegalStateException("a stored snapshot is misspelt");
        }
        long[] inProgress = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new LoadFilter(filter.until(), Long.parseLong(parts[1]), inProgress);
    }

    /** Whether every transaction that ends after this boundary is new to the load. */
    boolean isPast(long boundary) {
        return Long.compareUnsigned(boundary, until) >= 0;
    }

    /** @param transaction its id, the lower 32 bits */
    boolean hasSeen(long commitLsn, int transaction) {
        if (Long.compareUnsigned(commitLsn, until) > 0) {
            return false;
        }
        long id = widened(transaction);
        return id < end && Arrays.binarySearch(inProgress, id) < 0;
    }

    /** The log tells half of the id. Ids that meet in one log lie less than 2^31 apart, so the nearest to the snapshot is it. */
    private long widened(int transaction) {
        long id = (end & 0xffffffff00000000L) | Integer.toUnsignedLong(transaction);
        long apart = id - end;
        if (apart > 1L << 31) {
            return id - (1L << 32);
        }
        return apart < -(1L << 31) ? id + (1L << 32) : id;
    }
}
