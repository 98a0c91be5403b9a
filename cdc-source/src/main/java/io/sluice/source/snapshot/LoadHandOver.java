package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** What the readers of one load share with one another and with the thread that publishes. Safe for use by several threads. */
final class LoadHandOver {

    /** How much may wait between the readers and the publisher. */
    private static final int PERMITS = 32 * 1024;

    private static final int BYTES_PER_PERMIT = 1024;

    private final Queue<PageRange> ranges;
    private final BlockingQueue<LoadBatch> batches = new LinkedBlockingQueue<>();
    private final Semaphore permits = new Semaphore(PERMITS);
    private final Set<Integer> halted = ConcurrentHashMap.newKeySet();

    LoadHandOver(List<PageRange> ranges) {
        this.ranges = new ConcurrentLinkedQueue<>(ranges);
    }

    /** The next range for a reader; null if none is left. */
    @Nullable
    PageRange nextRange() {
        PageRange range = ranges.poll();
        while (range != null && isHalted(range.job())) {
            range = ranges.poll();
        }
        return range;
    }

    /** Whether no more rows of that job are wanted. */
    boolean isHalted(int job) {
        return halted.contains(job);
    }

    /** Waits while too much is on its way. */
    void put(int job, List<ProducerRecord<byte[], byte[]>> records, int rows, int bytes, boolean endsRange)
            throws InterruptedException {
        // A row larger than the bound takes all of it, and so passes alone.
        int needed = Math.min(PERMITS, 1 + bytes / BYTES_PER_PERMIT);
        permits.acquire(needed);
        offer(new LoadBatch(job, records, rows, needed, endsRange, null));
    }

    /** One table can't be read on; the others can. */
    void halt(int job, HaltException cause) {
        if (halted.add(job)) {
            offer(LoadBatch.halted(job, cause));
        }
    }

    /** Nothing can be read on. */
    void fail(Exception cause) {
        offer(LoadBatch.failed(cause));
    }

    /** Never waits: the publishing thread must learn of a failure. What it may hold is bounded by the permits. */
    private void offer(LoadBatch batch) {
        if (!batches.offer(batch)) {
            throw new IllegalStateException("the hand-over takes no more");
        }
    }

    LoadBatch take() throws InterruptedException {
        return batches.take();
    }

    void taken(LoadBatch batch) {
        permits.release(batch.permits());
    }
}
