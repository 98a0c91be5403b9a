package io.sluice.source.publish;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * For how long Kafka has owed an answer: a producer tries again by itself for minutes, and says nothing meanwhile. Outlives the
 * producers of one source, one after another. Safe for use by several threads.
 */
public final class KafkaSilence {

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean asked;
    private volatile long sinceNanos = System.nanoTime();

    /** A record is on its way. By one thread. */
    void sent() {
        if (!isOwed()) {
            sinceNanos = System.nanoTime();
        }
        sent.lazySet(sent.get() + 1);
    }

    /** A record has arrived. */
    void arrived() {
        sinceNanos = System.nanoTime();
        answered.incrementAndGet();
    }

    /** Something is asked that the caller waits for. */
    void asks() {
        if (!isOwed()) {
            sinceNanos = System.nanoTime();
        }
        asked = true;
    }

    /** The answer came. Whoever gets none leaves it at that: Kafka is as silent as before. */
    void answered() {
        asked = false;
    }

    /** Another producer has been let in: what the one before waited for will not come. */
    void beginsAnew() {
        answered.set(sent.get());
        asked = false;
    }

    private boolean isOwed() {
        return asked || answered.get() < sent.get();
    }

    /** Zero if nothing is owed. */
    public Duration length() {
        return isOwed() ? Duration.ofNanos(System.nanoTime() - sinceNanos) : Duration.ZERO;
    }
}
