package io.sluice.schemas.pipeline;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * When and how a table is compared with its source.
 *
 * @param every empty: only when asked for
 * @param maxLag how old the last finished comparison may be; empty: no alert on that
 * @param tolerance the difference that still counts as equal, by column
 * @param columns the columns compared; empty: all
 */
public record ReconcileSpec(
        Optional<Duration> every,
        Optional<Duration> maxLag,
        Level level,
        Optional<Sample> sample,
        Map<String, BigDecimal> tolerance,
        List<String> columns,
        Place place) {

    public ReconcileSpec {
        Objects.requireNonNull(every, "every");
        Objects.requireNonNull(maxLag, "maxLag");
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(sample, "sample");
        tolerance = Map.copyOf(tolerance);
        columns = List.copyOf(columns);
        Objects.requireNonNull(place, "place");
    }

    /** How closely. */
    public enum Level {
        /** Counts and sums. */
        COUNTS,
        /** Some rows, value by value. */
        SAMPLE,
        /** Every row. */
        FULL
    }

    /** How many rows a sampled comparison reads. */
    public sealed interface Sample {

        /** This share of the table, above 0 and at most 1. */
        record Fraction(BigDecimal ratio) implements Sample {}

        /** This many rows. */
        record Rows(int count) implements Sample {}
    }
}
