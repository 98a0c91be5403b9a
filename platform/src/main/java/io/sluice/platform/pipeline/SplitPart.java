package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.SplitSpec.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The {@code split:} of a table. */
final class SplitPart {

    private static final int MOST_LEVELS = 4;

    static final Key<List<Located<FieldPath>>> PARTS = Key.optional(
            "parts",
            ListType.of(Words.dotted("a field")),
            "an array is split",
            "One row for each of these fields that has a value, neither absent nor null: `$part` is its name, `$value` its "
                    + "value.");
    static final Key<FieldPath> ARRAY = Key.optional(
            "array",
            Words.dotted("a field"),
            "named parts are split",
            "One row for each element of this array: `$value` is the element, `$index` its place. No row where it is absent "
                    + "or null; what is no array, and an element that is null, are rejected.");
    static final Key<FieldPath> ELEMENT_KEY = Key.optional(
            "element-key",
            Words.dotted("a field"),
            "the element's place",
            "The element's field that tells it from its siblings, so that a reordered array changes nothing. An element "
                    + "without it, or with that of another one, is rejected, and the whole source row with it.");
    static final Key<Integer> LIMIT = Key.optional(
            "limit",
            Types.whole(1, 1_000_000),
            "" + Level.DEFAULT_LIMIT,
            "The most rows that this level makes of one source row. More are rejected: they are made in memory.");
    static final Shape SHAPE = new Shape(
            "split",
            "Makes several rows of one. Exactly one of `parts` and `array` is given. A row that vanishes from its parent is "
                    + "deleted, and a deleted parent takes its rows along.",
            List.of(PARTS, ARRAY, ELEMENT_KEY, LIMIT));

    private SplitPart() {}

    /** Empty where a level could not be read. */
    static Optional<SplitSpec> read(Section table, List<Located<Section>> levels) {
        List<Level> read = new ArrayList<>();
        for (Located<Section> level : levels) {
            read(level.value()).ifPresent(read::add);
        }
        if (levels.isEmpty()) {
            table.problem(TablePart.SPLIT, "has no level", "leave it out, or say what to split by");
        } else if (levels.size() > MOST_LEVELS) {
            table.problem(TablePart.SPLIT, "has more than " + MOST_LEVELS + " levels", "");
        }
        return read.isEmpty() || read.size() < levels.size()
                ? Optional.empty()
                : Optional.of(new SplitSpec(read, table.place(TablePart.SPLIT)));
    }

    private static Optional<Level> read(Section section) {
        if (section.sets(PARTS) == section.sets(ARRAY)) {
            section.problem(
                    section.sets(PARTS) ? "splits both parts and an array" : "says nothing to split by",
                    "give either parts: or array:");
            return Optional.empty();
        }
        int limit = section.get(LIMIT).orElse(Level.DEFAULT_LIMIT);
        Optional<FieldPath> elementKey = section.get(ELEMENT_KEY);
        if (section.sets(ARRAY)) {
            return section.get(ARRAY).map(array -> new SplitSpec.Elements(array, elementKey, limit));
        }
        if (section.sets(ELEMENT_KEY)) {
            section.problem(ELEMENT_KEY, "parts have no elements", "leave it out: $part tells parts apart");
        }
        List<Located<FieldPath>> parts = section.get(PARTS).orElse(List.of());
        if (section.get(PARTS).equals(Optional.of(List.of()))) {
            section.problem(PARTS, "names no part", "name at least one");
        }
        Set<FieldPath> seen = new HashSet<>();
        for (Located<FieldPath> part : parts) {
            if (!seen.add(part.value())) {
                section.problem(PARTS, part.place(), "names \"" + part.value() + "\" twice", "");
            }
        }
        return Optional.of(
                new SplitSpec.Parts(parts.stream().map(Located::value).toList(), limit));
    }
}
