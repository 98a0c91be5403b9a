package io.sluice.schemas.pipeline;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How topics are created.
 *
 * @param replication copies of each partition; empty: the cluster's default
 * @param changesRetention how long change topics and uncompacted row topics keep their records
 */
public record TopicsSpec(OptionalInt replication, Duration changesRetention, Duration deadLettersRetention) {

    public static final Duration LEAST_CHANGES_RETENTION = Duration.ofDays(7);
    public static final Duration LEAST_DEAD_LETTERS_RETENTION = Duration.ofDays(30);
    public static final TopicsSpec DEFAULT =
            new TopicsSpec(OptionalInt.empty(), LEAST_CHANGES_RETENTION, LEAST_DEAD_LETTERS_RETENTION);

    public TopicsSpec {
        Objects.requireNonNull(replication, "replication");
        Objects.requireNonNull(changesRetention, "changesRetention");
        Objects.requireNonNull(deadLettersRetention, "deadLettersRetention");
    }
}
