package io.sluice.source.engine;

import java.time.Duration;

/** How many rows the next range takes: few enough that the stream hardly waits, many enough that each reading is worth it. */
final class ChunkSize {

    private static final int LEAST = 100;
    private static final int MOST = 20_000;
    private static final int FIRST = 2_000;
    private static final long MOST_BYTES = 8L << 20;
    private static final Duration LONG = Duration.ofMillis(300);
    private static final Duration SHORT = Duration.ofMillis(100);

    private int rows = FIRST;

    int rows() {
        return rows;
    }

    void took(long bytes, Duration time) {
        if (bytes > MOST_BYTES || time.compareTo(LONG) > 0) {
            rows = Math.max(LEAST, rows / 2);
        } else if (bytes < MOST_BYTES / 2 && time.compareTo(SHORT) < 0) {
            rows = Math.min(MOST, rows * 2);
        }
    }
}
