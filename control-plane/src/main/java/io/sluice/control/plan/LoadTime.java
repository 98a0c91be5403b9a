package io.sluice.control.plan;

import io.sluice.platform.preflight.ExpectedLoad;
import java.time.Duration;
import java.util.Optional;

/** How long it takes to read a table and bring it to its targets, roughly: the longer of what its rows and its bytes take. */
public final class LoadTime {

    /** A modest pace, for two cores that do everything: a plan had better promise too little. */
    public static final long ROWS_PER_SECOND = 20_000;

    public static final long BYTES_PER_SECOND = 10L << 20;

    private LoadTime() {}

    /** Empty where neither its rows nor its size are known. */
    public static Optional<Duration> of(ExpectedLoad load) {
        return load.rows() < 0 && load.bytes() < 0 ? Optional.empty() : Optional.of(of(load.rows(), load.bytes()));
    }

    static Duration of(long rows, long bytes) {
        return Duration.ofSeconds(Math.max(
                1,
                Math.max(
                        (rows + ROWS_PER_SECOND - 1) / ROWS_PER_SECOND,
                        (bytes + BYTES_PER_SECOND - 1) / BYTES_PER_SECOND)));
    }
}
