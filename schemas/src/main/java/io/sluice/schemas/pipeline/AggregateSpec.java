package io.sluice.schemas.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A continuous aggregate over a hypertable.
 *
 * @param columns SQL aggregate expressions by the name of the column they fill, in the file's order
 * @param refresh how often it is brought up to date; empty: once a bucket
 */
public record AggregateSpec(
        String name,
        Duration bucket,
        List<String> groupBy,
        Map<String, String> columns,
        Optional<Duration> refresh,
        Place place) {

    public AggregateSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(bucket, "bucket");
        groupBy = List.copyOf(groupBy);
        columns = InOrder.copy(columns);
        Objects.requireNonNull(refresh, "refresh");
        Objects.requireNonNull(place, "place");
    }
}
