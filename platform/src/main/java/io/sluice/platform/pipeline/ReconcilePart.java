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
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.ReconcileSpec.Level;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code reconcile:} of a table. */
final class ReconcilePart {

    private static final ReconcileSpec.Sample TENTH = new ReconcileSpec.Sample.Fraction(new BigDecimal("0.1"));

    static final Key<Duration> EVERY = Key.optional(
            "every",
            Types.duration(Words.ONE_SECOND, Duration.ofDays(366)),
            "only when asked for",
            "How often the table is compared with its source.");
    static final Key<Duration> MAX_LAG = Key.optional(
            "max-lag",
            Types.duration(Words.ONE_SECOND, Duration.ofDays(366)),
            "no alert",
            "How old the last finished comparison may be before that is an alert; at least `every`.");
    static final Key<Level> LEVEL = Key.optional(
            "level",
            Types.oneOf(List.of(Level.values())),
            "sample where `sample` is given, else full",
            "`counts` compares counts and sums, `sample` some rows value by value, `full` every row.");
    static final Key<ReconcileSpec.Sample> SAMPLE = Key.optional(
            "sample",
            Words.sample(),
            "10%",
            "How much `level: sample` reads: a share of the table or a number of rows.");
    static final Key<List<Named<BigDecimal>>> TOLERANCE = Key.optional(
            "tolerance",
            new MapType<>(NameRule.any("column"), Types.notNegative()),
            "none: values are equal or not",
            "By column, the difference that still counts as equal.");
    static final Key<List<Located<String>>> COLUMNS =
            Key.optional("columns", ListType.of(Words.column()), "all", "The columns that are compared.");
    static final Shape SHAPE = new Shape(
            "reconcile",
            "When and how a table is compared with its source.",
            List.of(EVERY, MAX_LAG, LEVEL, SAMPLE, TOLERANCE, COLUMNS));

    private ReconcilePart() {}

    static ReconcileSpec read(Section section, ProvidedColumns provided) {
        Optional<Duration> every = section.get(EVERY);
        Optional<Duration> maxLag = section.get(MAX_LAG);
        if (every.isPresent() && maxLag.isPresent() && every.get().compareTo(maxLag.get()) > 0) {
            section.problem(
                    MAX_LAG,
                    Types.show(maxLag.get()) + " is shorter than every: " + Types.show(every.get())
                            + ", so the alert would never end",
                    "make max-lag at least every");
        }
        if (section.sets(MAX_LAG) && !section.sets(EVERY)) {
            section.problem(MAX_LAG, "nothing is compared on a schedule", "say how often under every");
        }
        Level level = section.get(LEVEL).orElse(section.sets(SAMPLE) ? Level.SAMPLE : Level.FULL);
        if (section.sets(SAMPLE) && level != Level.SAMPLE) {
            section.problem(SAMPLE, "is not used with level " + Types.show(level), "use level: sample");
        }
        List<Located<String>> columns = section.get(COLUMNS).orElse(List.of());
        if (section.get(COLUMNS).equals(Optional.of(List.of()))) {
            section.problem(COLUMNS, "names no column", "leave it out to compare all");
        }
        provided.require(section, COLUMNS, columns);
        Map<String, BigDecimal> tolerance = new LinkedHashMap<>();
        List<String> names = columns.stream().map(Located::value).toList();
        for (Named<BigDecimal> each : section.get(TOLERANCE).orElse(List.of())) {
            tolerance.put(each.name(), each.value());
            if (!names.isEmpty() && !names.contains(each.name())) {
                section.problem(
                        TOLERANCE, each.place(), "\"" + each.name() + "\" is not compared", "add it to columns");
            } else {
                provided.require(section, TOLERANCE, List.of(new Located<>(each.name(), each.place())));
            }
        }
        return new ReconcileSpec(
                every,
                maxLag,
                level,
                level == Level.SAMPLE ? Optional.of(section.get(SAMPLE).orElse(TENTH)) : Optional.empty(),
                tolerance,
                names,
                section.place());
    }
}
