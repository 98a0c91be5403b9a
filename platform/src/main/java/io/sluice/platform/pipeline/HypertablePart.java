package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code hypertable:} of a table. */
final class HypertablePart {

    static final Key<String> TIME =
            Key.required("time", Words.column(), "The column that rows are chunked by. It is part of the key.");
    static final Key<Duration> CHUNK = Key.optional(
            "chunk",
            Types.duration(Duration.ofMinutes(1), Words.TEN_YEARS),
            Types.show(HypertableSpec.DEFAULT_CHUNK),
            "What one chunk spans.");
    static final Key<Duration> COMPRESS_AFTER = Key.optional(
            "compress-after",
            Types.duration(Duration.ofMinutes(1), Words.TEN_YEARS),
            "never",
            "The age at which a chunk is compressed; at least one chunk.");
    static final Key<List<Located<String>>> SEGMENT_BY = Key.optional(
            "segment-by", ListType.oneOrMore(Words.column()), "none", "Columns that compressed rows are grouped by.");
    static final Key<Duration> RETAIN = Key.optional(
            "retain",
            Types.duration(Duration.ofMinutes(1), Duration.ofDays(36_500)),
            "for ever",
            "The age at which a chunk is dropped.");

    static final Key<String> COLUMN =
            Key.required("column", Words.column(), "The column whose hash spreads the rows. It is part of the key.");
    static final Key<Integer> SPACE_PARTITIONS =
            Key.required("partitions", Types.whole(2, 1024), "How many ways they are spread.");
    static final Shape SPACE =
            new Shape("space", "A second dimension of a hypertable.", List.of(COLUMN, SPACE_PARTITIONS));
    static final Key<Section> SPACE_KEY = Key.optional("space", SPACE, "none", "A second dimension.");

    static final Key<Duration> BUCKET = Key.required(
            "bucket", Types.duration(Words.ONE_SECOND, Words.TEN_YEARS), "The time that one row of it spans.");
    static final Key<List<Located<String>>> GROUP_BY =
            Key.optional("group-by", ListType.oneOrMore(Words.column()), "none", "Columns that are kept apart.");
    static final Key<List<Named<String>>> AGGREGATE_COLUMNS = Key.required(
            "columns",
            new MapType<>(NameRule.any("column"), Types.text("an SQL aggregate")),
            "By name, the SQL aggregates: `high: max(bid)`.");
    static final Key<Duration> REFRESH = Key.optional(
            "refresh",
            Types.duration(Words.ONE_SECOND, Words.TEN_YEARS),
            "once a bucket",
            "How often it is brought up to date.");
    static final Shape AGGREGATE =
            new Shape("aggregate", "A continuous aggregate.", List.of(BUCKET, GROUP_BY, AGGREGATE_COLUMNS, REFRESH));
    static final Key<List<Named<Section>>> AGGREGATES = Key.optional(
            "aggregates",
            new MapType<>(NameRule.any("view"), AGGREGATE),
            "none",
            "By view name, the continuous aggregates over the table.");

    static final Shape SHAPE = new Shape(
            "hypertable",
            "A TimescaleDB hypertable; for a `timescaledb` target.",
            List.of(TIME, CHUNK, COMPRESS_AFTER, SEGMENT_BY, RETAIN, SPACE_KEY, AGGREGATES));

    private HypertablePart() {}

    static Optional<HypertableSpec> read(Section section, ProvidedColumns provided, List<String> key) {
        Optional<Duration> compressAfter = section.get(COMPRESS_AFTER);
        Optional<Duration> retain = section.get(RETAIN);
        checkAges(section, section.get(CHUNK).orElse(HypertableSpec.DEFAULT_CHUNK), compressAfter, retain);
        List<Located<String>> segmentBy = section.get(SEGMENT_BY).orElse(List.of());
        provided.require(section, SEGMENT_BY, segmentBy);
        if (section.sets(SEGMENT_BY) && !section.sets(COMPRESS_AFTER)) {
            section.problem(SEGMENT_BY, "is not used without compression", "say when under compress-after");
        }
        section.get(TIME).ifPresent(time -> requireInKey(section, TIME, time, provided, key));
        Optional<HypertableSpec.Space> space = section.get(SPACE_KEY).flatMap(dimension -> {
            Optional<Integer> partitions = dimension.get(SPACE_PARTITIONS);
            dimension.get(COLUMN).ifPresent(column -> requireInKey(dimension, COLUMN, column, provided, key));
            return dimension
                    .get(COLUMN)
                    .flatMap(column -> partitions.map(number -> new HypertableSpec.Space(column, number)));
        });
        List<AggregateSpec> aggregates = section.get(AGGREGATES).orElse(List.of()).stream()
                .flatMap(entry -> aggregate(entry, provided, retain).stream())
                .toList();
        return section.get(TIME)
                .map(time -> new HypertableSpec(
                        time,
                        section.get(CHUNK).orElse(HypertableSpec.DEFAULT_CHUNK),
                        compressAfter,
                        segmentBy.stream().map(Located::value).toList(),
                        retain,
                        space,
                        aggregates,
                        section.place()));
    }

    private static void checkAges(
            Section section, Duration chunk, Optional<Duration> compressAfter, Optional<Duration> retain) {
        if (compressAfter.isPresent() && compressAfter.get().compareTo(chunk) < 0) {
            section.problem(
                    COMPRESS_AFTER,
                    Types.show(compressAfter.get()) + " is shorter than a chunk of " + Types.show(chunk)
                            + ", which is still written to then",
                    "compress later, or make chunks smaller");
        }
        if (retain.isPresent() && retain.get().compareTo(chunk) < 0) {
            section.problem(
                    RETAIN,
                    Types.show(retain.get()) + " is shorter than a chunk of " + Types.show(chunk),
                    "retain longer, or make chunks smaller");
        }
        if (retain.isPresent() && compressAfter.isPresent() && retain.get().compareTo(compressAfter.get()) <= 0) {
            section.problem(
                    RETAIN,
                    "a chunk is dropped at " + Types.show(retain.get()) + ", before it is compressed at "
                            + Types.show(compressAfter.get()),
                    "retain longer, or do not compress");
        }
    }

    private static void requireInKey(
            Section section, Key<String> at, String column, ProvidedColumns provided, List<String> key) {
        provided.require(section, at, List.of(new Located<>(column, section.place(at))));
        if (!key.isEmpty() && !key.contains(column)) {
            section.problem(
                    at,
                    "\"" + column + "\" is not part of the key, and a hypertable's unique index must contain it",
                    "add it to key");
        }
    }

    private static Optional<AggregateSpec> aggregate(
            Named<Section> entry, ProvidedColumns provided, Optional<Duration> retain) {
        Section section = entry.value();
        Optional<Duration> bucket = section.get(BUCKET);
        if (bucket.isPresent() && retain.isPresent() && bucket.get().compareTo(retain.get()) > 0) {
            section.problem(
                    BUCKET,
                    Types.show(bucket.get()) + " is longer than the rows are retained, " + Types.show(retain.get()),
                    "make it shorter");
        }
        List<Located<String>> groupBy = section.get(GROUP_BY).orElse(List.of());
        provided.require(section, GROUP_BY, groupBy);
        Map<String, String> columns = new LinkedHashMap<>();
        section.get(AGGREGATE_COLUMNS).orElse(List.of()).forEach(column -> columns.put(column.name(), column.value()));
        if (section.get(AGGREGATE_COLUMNS).equals(Optional.of(List.of()))) {
            section.problem(AGGREGATE_COLUMNS, "computes nothing", "name at least one column");
        }
        Optional<Duration> refresh = section.get(REFRESH);
        return bucket.map(span -> new AggregateSpec(
                entry.name(), span, groupBy.stream().map(Located::value).toList(), columns, refresh, entry.place()));
    }
}
