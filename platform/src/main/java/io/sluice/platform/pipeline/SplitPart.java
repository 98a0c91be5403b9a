package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.SplitSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The {@code split:} of a table. */
final class SplitPart {

    static final Key<List<Located<FieldPath>>> PARTS = Key.optional(
            "parts",
            ListType.of(Words.dotted("a field")),
            "an array is split",
            "One row for each of these fields that is present: `$part` is its name, `$value` its value.");
    static final Key<FieldPath> ARRAY = Key.optional(
            "array",
            Words.dotted("a field"),
            "named parts are split",
            "One row for each element of this array: `$value` is the element, `$index` its place.");
    static final Key<FieldPath> ELEMENT_KEY = Key.optional(
            "element-key",
            Words.dotted("a field"),
            "the element's place",
            "The element's field that tells it from its siblings, so that a reordered array changes nothing.");
    static final Shape SHAPE = new Shape(
            "split",
            "Makes several rows of one. Exactly one of `parts` and `array` is given. A row that vanishes from its parent is "
                    + "deleted, and a deleted parent takes its rows along.",
            List.of(PARTS, ARRAY, ELEMENT_KEY));

    private SplitPart() {}

    static Optional<SplitSpec> read(Section section) {
        if (section.sets(PARTS) == section.sets(ARRAY)) {
            section.problem(
                    section.sets(PARTS) ? "splits both parts and an array" : "says nothing to split by",
                    "give either parts: or array:");
            return Optional.empty();
        }
        Optional<FieldPath> elementKey = section.get(ELEMENT_KEY);
        if (section.sets(ARRAY)) {
            return section.get(ARRAY).map(array -> new SplitSpec.Elements(array, elementKey, section.place()));
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
                new SplitSpec.Parts(parts.stream().map(Located::value).toList(), section.place()));
    }
}
