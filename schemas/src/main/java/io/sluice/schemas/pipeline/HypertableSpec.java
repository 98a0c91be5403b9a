package io.sluice.schemas.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A TimescaleDB hypertable.
 *
 * @param time the column that rows are chunked by
 * @param chunk what one chunk spans
 * @param compressAfter the age at which a chunk is compressed; empty: never
 * @param retain the age at which a chunk is dropped; empty: never
 */
public record HypertableSpec(
        String time,
        Duration chunk,
        Optional<Duration> compressAfter,
        List<String> segmentBy,
        Optional<Duration> retain,
        Optional<Space> space,
        List<AggregateSpec> aggregates,
        Place place) {

    public static final Duration DEFAULT_CHUNK = Duration.ofDays(7);

    public HypertableSpec {
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(chunk, "chunk");
        Objects.requireNonNull(compressAfter, "compressAfter");
        segmentBy = List.copyOf(segmentBy);
        Objects.requireNonNull(retain, "retain");
        Objects.requireNonNull(space, "space");
        aggregates = List.copyOf(aggregates);
        Objects.requireNonNull(place, "place");
    }

    /** A second dimension: rows are also spread by this column's hash. */
    public record Space(String column, int partitions) {

        public Space {
            Objects.requireNonNull(column, "column");
        }
    }
}
