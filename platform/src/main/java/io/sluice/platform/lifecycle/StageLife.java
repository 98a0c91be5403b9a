package io.sluice.platform.lifecycle;

import io.sluice.platform.error.SluiceException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The state of one stage, and the one place that lets it change. Safe for use by several threads. */
public final class StageLife {

    private StageStatus status = new StageStatus(StageState.CREATED, null);

    public synchronized StageStatus status() {
        return status;
    }

    /** @throws IllegalStateException if the life-cycle has no such step */
    public synchronized void become(StageState state) {
        become(state, null);
    }

    /** Becomes WAITING or HALTED because of something. A repeated WAITING only renews its cause. */
    public synchronized void become(StageState state, @Nullable SluiceException cause) {
        if (state != status.state() && !status.state().mayBecome(state)) {
            throw new IllegalStateException("a stage that is " + status.state() + " can't become " + state);
        }
        status = new StageStatus(state, cause);
        notifyAll();
    }

    /** Becomes that if the life-cycle allows it now; says whether it did. */
    public synchronized boolean tryBecome(StageState state, @Nullable SluiceException cause) {
        if (!status.state().mayBecome(state)) {
            return false;
        }
        become(state, cause);
        return true;
    }

    /** Waits until the stage has halted or stopped; says whether it did in that time. */
    public synchronized boolean awaitEnd(Duration limit) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (status.state() != StageState.HALTED && status.state() != StageState.STOPPED) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return false;
            }
            wait(leftMillis);
        }
        return true;
    }
}
