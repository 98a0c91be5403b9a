package io.sluice.source.decode;

import java.util.Arrays;

/** Says which transactions a reading has already seen, because they were visible in its snapshot. */
public final class SeenTransactions {

    private final long until;
    private final long end;
    private final long[] inProgress;

    private SeenTransactions(long until, long end, long[] inProgress) {
        this.until = until;
        this.end = end;
        this.inProgress = inProgress;
    }

    /**
     * @param snapshot {@code xmin:xmax:xip,…}, as {@code pg_current_snapshot()} writes it
     * @param until no transaction that ends after this place of the log is visible there
     */
    public static SeenTransactions of(String snapshot, long until) {
        String[] parts = snapshot.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalStateException("a stored snapshot is misspelt");
        }
        long[] inProgress = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new SeenTransactions(until, Long.parseLong(parts[1]), inProgress);
    }

    public long until() {
        return until;
    }

    /** Whether every transaction that ends after this boundary is new to the reading. */
    public boolean isPast(long boundary) {
        return Long.compareUnsigned(boundary, until) >= 0;
    }

    /** @param transaction its id, the lower 32 bits */
    public boolean hasSeen(long commitLsn, int transaction) {
        return Long.compareUnsigned(commitLsn, until) <= 0 && hasSeen(transaction);
    }

    /** Whether a transaction that is in the log already was visible. One may be in the log before others can see it. */
    public boolean hasSeen(int transaction) {
        long id = wholeId(transaction);
        return id < end && Arrays.binarySearch(inProgress, id) < 0;
    }

    /** The log tells half of the id. Ids that meet in one log lie less than 2^31 apart, so the nearest to the snapshot is it. */
    public long wholeId(int transaction) {
        long id = (end & 0xffffffff00000000L) | Integer.toUnsignedLong(transaction);
        long apart = id - end;
        if (apart > 1L << 31) {
            return id - (1L << 32);
        }
        return apart < -(1L << 31) ? id + (1L << 32) : id;
    }
}
