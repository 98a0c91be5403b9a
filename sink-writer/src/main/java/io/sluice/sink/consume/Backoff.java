package io.sluice.sink.consume;

import java.time.Duration;

/** How long to wait after each failure in a row. */
final class Backoff {

    private final Duration least;
    private final Duration most;
    private Duration next;

    Backoff(Duration least, Duration most) {
        this.least = least;
        this.most = most;
        this.next = least;
    }

    Duration next() {
        Duration now = next;
        Duration doubled = now.multipliedBy(2);
        next = doubled.compareTo(most) > 0 ? most : doubled;
        return now;
    }

    void reset() {
        next = least;
    }
}
