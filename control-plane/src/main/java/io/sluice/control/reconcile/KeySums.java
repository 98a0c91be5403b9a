package io.sluice.control.reconcile;

/**
 * Tells whether two sets of keys are the same, in whatever order they come, and roughly which keys are not in both: sums of
 * their hashes, in as many buckets as memory is set aside for.
 */
final class KeySums {

    private static final int LEAST_BITS = 12;
    private static final int MOST_BITS = 21;
    private static final int KEYS_PER_BUCKET = 4;

    private final long[] sums;

    /** @param keys about how many; below 0 where nobody knows */
    KeySums(long keys) {
        int bits = keys < 0 ? MOST_BITS : Long.SIZE - Long.numberOfLeadingZeros(keys / KEYS_PER_BUCKET);
        this.sums = new long[1 << Math.max(LEAST_BITS, Math.min(MOST_BITS, bits))];
    }

    /** A key of the one set. */
    void add(RowKey key) {
        long hash = key.hash();
        sums[bucket(hash)] += hash;
    }

    /** A key of the other set. */
    void remove(RowKey key) {
        long hash = key.hash();
        sums[bucket(hash)] -= hash;
    }

    /** Whether the two sets are the same. */
    boolean areEqual() {
        for (long sum : sums) {
            if (sum != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether this key may be in one set alone. */
    boolean maySuspect(RowKey key) {
        return sums[bucket(key.hash())] != 0;
    }

    /** Not from the bits that decide about samples. */
    private int bucket(long hash) {
        return (int) (hash >>> 8) & (sums.length - 1);
    }
}
