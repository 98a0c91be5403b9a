package io.sluice.platform.registry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next round: a random part of a bound that doubles, so that clients don't come in step. */
final class Backoff {

    private final Duration first;
    private final Duration max;
    private final RandomGenerator random;

    Backoff(Duration first, Duration max, RandomGenerator random) {
        this.first = first;
        this.max = max;
        this.random = random;
    }

    /** @param round from 0 */
    Duration after(int round) {
        long boundNanos = max.toNanos();
        if (round < 30) {
            boundNanos = Math.min(boundNanos, first.toNanos() << round);
        }
        // At least half the bound: a wait near zero would be no wait.
        return Duration.ofNanos(boundNanos - random.nextLong(boundNanos / 2 + 1));
    }
}
