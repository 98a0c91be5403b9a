package io.sluice.source.engine;

import io.sluice.source.decode.SeenTransactions;
import java.util.Arrays;

/**
 * Tells whether a snapshot sees everything that was published. It need not: a transaction is in the log, and so with us, a
 * moment before other sessions see it, and for as long as a synchronous standby has not confirmed it. A row read in between would
 * be older than a change that is out already.
 */
final class Visibility {

    /** Beyond it noting each costs more than waiting for all that are open. */
    private static final int MOST_NOTED = 1_000_000;

    private long fence;
    private int[] published = new int[64];
    private int count;
    private boolean tracking;

    /**
     * From now on published transactions are noted.
     *
     * @param next an id that no transaction had a moment ago: those published so far, and those that may have changed a table
     *     before it was published, have lower ones and are waited for
     */
    void trackFrom(long next) {
        fence = Math.max(fence, next);
        tracking = true;
    }

    void stop() {
        tracking = false;
        count = 0;
    }

    boolean isTracking() {
        return tracking;
    }

    void published(int transaction) {
        if (!tracking) {
            return;
        }
        if (count == published.length) {
            published = Arrays.copyOf(published, count * 2);
        }
        published[count++] = transaction;
    }

    /** @param snapshot as {@code pg_current_snapshot()} writes it */
    boolean isComplete(String snapshot) {
        SeenTransactions seen = SeenTransactions.of(snapshot, 0);
        if (count >= MOST_NOTED) {
            for (int i = 0; i < count; i++) {
                fence = Math.max(fence, seen.wholeId(published[i]) + 1);
            }
            count = 0;
        }
        if (Long.parseLong(snapshot.substring(0, snapshot.indexOf(':'))) < fence) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (!seen.hasSeen(published[i])) {
                return false;
            }
        }
        // What one snapshot sees every later one sees too.
        count = 0;
        return true;
    }
}
