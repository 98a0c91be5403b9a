package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.TopicsSpec;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** The {@code topics:} key. */
final class TopicsPart {

    static final Key<Integer> REPLICATION = Key.optional(
            "replication", Types.whole(1, 15), "the cluster's default", "How many copies of each partition are kept.");
    static final Key<Duration> CHANGES_RETENTION = Key.optional(
            "changes-retention",
            Types.duration(TopicsSpec.LEAST_CHANGES_RETENTION, Words.TEN_YEARS),
            Types.show(TopicsSpec.DEFAULT.changesRetention()),
            "How long change topics, and row topics that are not compacted, keep their records.");
    static final Key<Duration> DEAD_LETTERS_RETENTION = Key.optional(
            "dead-letters-retention",
            Types.duration(TopicsSpec.LEAST_DEAD_LETTERS_RETENTION, Words.TEN_YEARS),
            Types.show(TopicsSpec.DEFAULT.deadLettersRetention()),
            "How long dead-letter topics keep their records.");
    static final Shape SHAPE = new Shape(
            "topics", "How topics are created.", List.of(REPLICATION, CHANGES_RETENTION, DEAD_LETTERS_RETENTION));

    private TopicsPart() {}

    static TopicsSpec read(Section section) {
        return new TopicsSpec(
                section.get(REPLICATION).map(OptionalInt::of).orElse(OptionalInt.empty()),
                section.get(CHANGES_RETENTION).orElse(TopicsSpec.DEFAULT.changesRetention()),
                section.get(DEAD_LETTERS_RETENTION).orElse(TopicsSpec.DEFAULT.deadLettersRetention()));
    }
}
