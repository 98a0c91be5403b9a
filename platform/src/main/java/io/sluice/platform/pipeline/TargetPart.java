package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TargetSpec;
import java.util.Optional;
import java.util.stream.Stream;

/** The {@code target:} of a service. */
final class TargetPart {

    static final Key<Secret> POSTGRESQL = Key.optional(
            "postgresql", DatabaseUrl.postgresql(), "another kind of target", "A PostgreSQL database, by its URL.");
    static final Key<Secret> TIMESCALEDB = Key.optional(
            "timescaledb",
            DatabaseUrl.postgresql(),
            "another kind of target",
            "A PostgreSQL database with the TimescaleDB extension, by its URL.");
    static final Key<Secret> ADMIN = Key.optional(
            "admin",
            DatabaseUrl.postgresql(),
            "the writer's own",
            "The URL that tables are created with; not used while running.");
    static final Key<Secret> READER = Key.optional(
            "reader",
            DatabaseUrl.postgresql(),
            "the writer's own",
            "The URL that comparisons read with; select rights are enough.");
    static final Key<Boolean> MARK_ORIGIN = Key.optional(
            "mark-origin",
            Types.bool(),
            "false",
            "Marks all that is written with a replication origin, so that a source with `origins: local` leaves it out where two "
                    + "databases feed each other. Needs rights, and no pooler in transaction mode.");
    static final Shape SHAPE = new Shape(
            "target",
            "A service's database. Exactly one of `postgresql` and `timescaledb` is given.",
            Stream.concat(Stream.of(POSTGRESQL, TIMESCALEDB, ADMIN, READER, MARK_ORIGIN), ConnectionPart.KEYS.stream())
                    .<Key<?>>map(key -> key)
                    .toList());

    private TargetPart() {}

    static Optional<TargetSpec> read(Section section) {
        if (section.sets(POSTGRESQL) == section.sets(TIMESCALEDB)) {
            section.problem(
                    section.sets(POSTGRESQL)
                            ? "is both a postgresql and a timescaledb target"
                            : "lacks the database's address",
                    "give either postgresql: or timescaledb:");
            return Optional.empty();
        }
        Key<Secret> key = section.sets(POSTGRESQL) ? POSTGRESQL : TIMESCALEDB;
        TargetSpec.Kind kind = section.sets(POSTGRESQL) ? TargetSpec.Kind.POSTGRESQL : TargetSpec.Kind.TIMESCALEDB;
        Optional<Secret> admin = section.get(ADMIN);
        Optional<Secret> reader = section.get(READER);
        boolean markOrigin = section.get(MARK_ORIGIN).orElse(false);
        return section.get(key)
                .map(url -> new TargetSpec(
                        kind,
                        ConnectionPart.read(section, url, section.place(key)),
                        admin,
                        reader,
                        markOrigin,
                        section.place()));
    }
}
