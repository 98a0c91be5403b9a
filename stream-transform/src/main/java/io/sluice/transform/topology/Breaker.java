package io.sluice.transform.topology;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Says when so many of the last records were unfit that not they but the pipeline must be wrong. What it knows is stored with
 * every unfit record, so that a service that is started again and again does not get some more through each time; healthy
 * records in between count only while the task lives. Belongs to one task.
 */
final class Breaker {

    private final int most;
    private final int of;
    private final Deque<Long> unfit = new ArrayDeque<>();
    private long records;

    private Breaker(int most, int of) {
        this.most = most;
        this.of = of;
    }

    /**
     * @param most unfit records that are let pass
     * @param of so many records in a row
     * @param stored what it knew; null if nothing yet
     */
    static Breaker restored(int most, int of, byte @Nullable [] stored) {
        Breaker breaker = new Breaker(most, of);
        if (stored != null) {
            breaker.read(ByteBuffer.wrap(stored));
        }
        return breaker;
    }

    /** A record has come. */
    void count() {
        records++;
    }

    /** Whether this record, the last that was counted, may be unfit too. */
    boolean admits() {
        Long oldest = unfit.peekFirst();
        if (unfit.size() >= most && oldest != null && records - oldest < of) {
            return false;
        }
        unfit.addLast(records);
        if (unfit.size() > most) {
            unfit.removeFirst();
        }
        return true;
    }

    byte[] state() {
        ByteBuffer state = ByteBuffer.allocate(Long.BYTES * (1 + unfit.size())).putLong(records);
        unfit.forEach(state::putLong);
        return state.array();
    }

    private void read(ByteBuffer state) {
        records = state.getLong();
        while (state.hasRemaining()) {
            unfit.addLast(state.getLong());
        }
        while (unfit.size() > most) {
            unfit.removeFirst();
        }
    }
}
