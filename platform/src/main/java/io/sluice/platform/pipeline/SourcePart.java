package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.SourceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** One entry of {@code sources:}. */
final class SourcePart {

    private static final ListType<FieldPath> TABLES = ListType.of(Words.dotted("schema.table"));

    static final Key<Secret> POSTGRESQL = Key.optional(
            "postgresql", DatabaseUrl.postgresql(), "another kind of source", "A PostgreSQL database, by its URL.");
    static final Key<Secret> MONGODB = Key.optional(
            "mongodb",
            DatabaseUrl.mongodb(),
            "another kind of source",
            "A MongoDB replica set or cluster, by its URI.");
    static final Key<Duration> HEARTBEAT = Key.optional(
            "heartbeat",
            Types.duration(Words.ONE_SECOND, Duration.ofHours(1)),
            Types.show(SourceSpec.DEFAULT_HEARTBEAT),
            "How often an idle source is made to move its position, so that its log does not pile up.");
    static final Key<Whose> ORIGINS = Key.optional(
            "origins",
            Types.oneOf(List.of(Whose.values())),
            "all",
            "`local` leaves out the changes of every transaction that carries a replication origin, which is how"
                    + " replications mark what they write. First loads read every row.");
    static final Key<List<Located<String>>> IGNORE_ORIGINS = Key.optional(
            "ignore-origins",
            ListType.of(Types.text("a replication origin")),
            "none",
            "Replication origins, by name, whose transactions are left out. Keep an origin until its changes have been"
                    + " read: once it is dropped, nothing tells them from others.");
    static final Key<Integer> SNAPSHOT_WORKERS = Key.optional(
            "snapshot-workers",
            Types.whole(1, 64),
            "chosen by the load",
            "Connections that read side by side during a first load.");
    static final Key<List<Located<FieldPath>>> EXPECT = Key.optional(
            "expect",
            TABLES,
            "no such check",
            "Tables, `schema.table`, that some service must read: a table that nobody thought of is a problem.");
    static final Key<List<Named<List<Located<FieldPath>>>>> OWNERS = Key.optional(
            "owners",
            new MapType<>(Words.name("service"), TABLES),
            "no such check",
            "By service, the tables that it must read. A table that is owned but not read is a problem.");
    static final Key<List<Located<FieldPath>>> IGNORE =
            Key.optional("ignore", TABLES, "none", "Tables, `schema.table`, that no service reads, on purpose.");

    static final Shape SHAPE = new Shape(
            "source",
            "A database that changes are read from. Exactly one of `postgresql` and `mongodb` is given.",
            Stream.of(
                            Stream.of(POSTGRESQL, MONGODB),
                            ConnectionPart.KEYS.stream(),
                            Stream.of(HEARTBEAT, ORIGINS, IGNORE_ORIGINS, SNAPSHOT_WORKERS, EXPECT, OWNERS, IGNORE))
                    .<Key<?>>flatMap(keys -> keys)
                    .toList());

    private SourcePart() {}

    /** Whose writes are read. */
    enum Whose {
        ALL,
        LOCAL
    }

    /** The kind that an entry means to be, even where the rest of it is wrong. */
    static Optional<SourceSpec.Kind> kind(Section section) {
        if (section.sets(POSTGRESQL) == section.sets(MONGODB)) {
            return Optional.empty();
        }
        return Optional.of(section.sets(POSTGRESQL) ? SourceSpec.Kind.POSTGRESQL : SourceSpec.Kind.MONGODB);
    }

    static Optional<SourceSpec> read(Named<Section> entry) {
        Section section = entry.value();
        Optional<SourceSpec.Kind> kind = kind(section);
        if (kind.isEmpty()) {
            section.problem(
                    section.sets(POSTGRESQL)
                            ? "is both a postgresql and a mongodb source"
                            : "lacks the database's address",
                    "give either postgresql: or mongodb:");
        }
        if (kind.equals(Optional.of(SourceSpec.Kind.MONGODB))) {
            for (Key<?> key : List.of(ORIGINS, IGNORE_ORIGINS)) {
                if (section.sets(key)) {
                    section.problem(key, "only PostgreSQL knows origins", "leave it out");
                }
            }
        }
        List<TableId> ignored = ignored(entry);
        List<SourceSpec.ExpectedTable> expected = expected(entry, ignored);
        Optional<Secret> url = section.get(POSTGRESQL).or(() -> section.get(MONGODB));
        if (kind.isEmpty() || url.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SourceSpec(
                entry.name(),
                kind.get(),
                ConnectionPart.read(
                        section,
                        url.get(),
                        section.place(kind.get() == SourceSpec.Kind.POSTGRESQL ? POSTGRESQL : MONGODB)),
                section.get(HEARTBEAT).orElse(SourceSpec.DEFAULT_HEARTBEAT),
                origins(section),
                section.get(SNAPSHOT_WORKERS).map(OptionalInt::of).orElse(OptionalInt.empty()),
                expected,
                ignored,
                entry.place()));
    }

    private static SourceSpec.Origins origins(Section section) {
        if (kind(section).equals(Optional.of(SourceSpec.Kind.MONGODB))) {
            return SourceSpec.Origins.ALL;
        }
        boolean local = section.get(ORIGINS).equals(Optional.of(Whose.LOCAL));
        if (local && section.sets(IGNORE_ORIGINS)) {
            section.problem(IGNORE_ORIGINS, "says nothing beside origins: local, which leaves out all", "leave it out");
        }
        return local
                ? SourceSpec.Origins.LOCAL
                : SourceSpec.Origins.allBut(section.get(IGNORE_ORIGINS).orElse(List.of()).stream()
                        .map(Located::value)
                        .toList());
    }

    private static List<TableId> ignored(Named<Section> entry) {
        List<TableId> ignored = new ArrayList<>();
        for (Located<FieldPath> path : entry.value().get(IGNORE).orElse(List.of())) {
            table(entry, IGNORE, path).ifPresent(ignored::add);
        }
        return ignored;
    }

    private static List<SourceSpec.ExpectedTable> expected(Named<Section> entry, List<TableId> ignored) {
        Section section = entry.value();
        Map<TableId, SourceSpec.ExpectedTable> expected = new LinkedHashMap<>();
        for (Named<List<Located<FieldPath>>> owner : section.get(OWNERS).orElse(List.of())) {
            for (Located<FieldPath> path : owner.value()) {
                table(entry, OWNERS, path).ifPresent(table -> {
                    SourceSpec.ExpectedTable earlier = expected.putIfAbsent(
                            table, new SourceSpec.ExpectedTable(table, Optional.of(owner.name()), path.place()));
                    if (earlier != null) {
                        section.problem(
                                OWNERS,
                                path.place(),
                                path.value() + " has an owner already: "
                                        + earlier.owner().orElse(""),
                                "a table has one owner; others may read it all the same");
                    }
                });
            }
        }
        for (Located<FieldPath> path : section.get(EXPECT).orElse(List.of())) {
            table(entry, EXPECT, path)
                    .ifPresent(table -> expected.putIfAbsent(
                            table, new SourceSpec.ExpectedTable(table, Optional.empty(), path.place())));
        }
        for (SourceSpec.ExpectedTable table : expected.values()) {
            if (ignored.contains(table.table())) {
                section.problem(
                        IGNORE,
                        table.table().schema() + "." + table.table().table() + " is both expected and ignored",
                        "leave it out of one");
            }
        }
        return List.copyOf(expected.values());
    }

    private static Optional<TableId> table(Named<Section> entry, Key<?> key, Located<FieldPath> path) {
        List<String> segments = path.value().segments();
        boolean collection = kind(entry.value()).equals(Optional.of(SourceSpec.Kind.MONGODB)) && segments.size() > 2;
        if (segments.size() != 2 && !collection) {
            entry.value().problem(key, path.place(), "\"" + path.value() + "\" is no table", "write schema.table");
            return Optional.empty();
        }
        return Optional.of(
                new TableId(entry.name(), segments.get(0), String.join(".", segments.subList(1, segments.size()))));
    }
}
