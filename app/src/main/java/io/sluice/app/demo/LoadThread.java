package io.sluice.app.demo;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs a load until it is told to stop or has made its number of changes. */
final class LoadThread implements AutoCloseable {

    private final Load load;
    private final long mostChanges;
    private final int transactionsPerSecond;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable SQLException failure;

    /**
     * Does not start yet.
     *
     * @param transactionsPerSecond 0: as fast as the database takes them
     */
    LoadThread(Load load, long mostChanges, int transactionsPerSecond) {
        this.load = load;
        this.mostChanges = mostChanges;
        this.transactionsPerSecond = transactionsPerSecond;
        this.thread = new Thread(this::run, "demo-load");
    }

    void start() {
        thread.start();
    }

    private void run() {
        long nextNanos = System.nanoTime();
        try {
            while (!stopping && load.changes() < mostChanges) {
                load.transaction();
                if (transactionsPerSecond > 0) {
                    nextNanos += TimeUnit.SECONDS.toNanos(1) / transactionsPerSecond;
                    LockSupport.parkNanos(nextNanos - System.nanoTime());
                }
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    long changes() {
        return load.changes();
    }

    boolean isDone() {
        return !thread.isAlive();
    }

    /** Why it stopped before it was to; null if it did not. */
    @Nullable
    SQLException failure() {
        return failure;
    }

    /** Lets the transaction under way finish. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
