package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.util.List;

/** The {@code dead-letters:} of a service. */
final class DeadLettersPart {

    private static final int MEBIBYTE = 1 << 20;

    static final Key<Integer> MOST = Key.optional(
            "most",
            Types.whole(1, 10_000),
            Integer.toString(DeadLettersSpec.DEFAULT.most()),
            "How many of the last `of` records of a partition may be dead letters; one more, and the service halts. As many as "
                    + "`of`: never.");
    static final Key<Integer> OF = Key.optional(
            "of",
            Types.whole(1, 1_000_000),
            Integer.toString(DeadLettersSpec.DEFAULT.of()),
            "How many records of a partition are looked back on; at least `most`.");
    static final Key<Integer> PARKED = Key.optional(
            "parked",
            Types.whole(1, 1_000_000),
            Integer.toString(DeadLettersSpec.DEFAULT.parked()),
            "How many changes of a partition may wait behind a dead letter of their key; one more, and the service halts.");
    static final Key<Integer> PARKED_SIZE = Key.optional(
            "parked-size",
            Types.bytes(MEBIBYTE, 1024 * MEBIBYTE),
            DeadLettersSpec.DEFAULT.parkedBytes() / MEBIBYTE + "MiB",
            "How large these may be together. They are kept in memory.");
    static final Shape SHAPE = new Shape(
            "dead-letters",
            "How much may be wrong with a service's data before it stops.",
            List.of(MOST, OF, PARKED, PARKED_SIZE));

    private DeadLettersPart() {}

    static DeadLettersSpec read(Section section) {
        int most = section.get(MOST).orElse(DeadLettersSpec.DEFAULT.most());
        int of = section.get(OF).orElse(Math.max(most, DeadLettersSpec.DEFAULT.of()));
        if (most > of) {
            section.problem(
                    section.sets(MOST) ? MOST : OF,
                    "of " + of + " records no more than " + of + " can be dead letters",
                    "make of at least most");
            most = of;
        }
        return new DeadLettersSpec(
                most,
                of,
                section.get(PARKED).orElse(DeadLettersSpec.DEFAULT.parked()),
                section.get(PARKED_SIZE).map(Integer::longValue).orElse(DeadLettersSpec.DEFAULT.parkedBytes()));
    }
}
