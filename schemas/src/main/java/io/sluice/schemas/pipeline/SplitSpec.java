package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How one source row becomes several target rows. A row that vanishes from its parent is deleted.
 *
 * @param levels from the outermost one in: each splits every row that the one before made; never empty
 */
public record SplitSpec(List<Level> levels, Place place) {

    public SplitSpec {
        levels = List.copyOf(levels);
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("a split has at least one level");
        }
        Objects.requireNonNull(place, "place");
    }

    public static SplitSpec of(Level... levels) {
        return new SplitSpec(List.of(levels), Place.NOWHERE);
    }

    /** One step further into the row. Its paths begin at the source row, or at the {@code $value} of the level around it. */
    public sealed interface Level {

        /** What holds where the file says nothing: much for a document, little for the memory of whoever splits it. */
        int DEFAULT_LIMIT = 10_000;

        /** The most rows that one source row may have become once this level has split it. */
        int limit();
    }

    /** One row for each of these fields that has a value: {@code $part} is its name, {@code $value} its value. */
    public record Parts(List<FieldPath> parts, int limit) implements Level {

        public Parts {
            parts = List.copyOf(parts);
        }

        public static Parts of(FieldPath... parts) {
            return new Parts(List.of(parts), DEFAULT_LIMIT);
        }
    }

    /**
     * One row for each element: {@code $value} is the element, {@code $index} its place.
     *
     * @param elementKey the element's field that tells it from its siblings; empty: its place does
     */
    public record Elements(FieldPath array, Optional<FieldPath> elementKey, int limit) implements Level {

        public Elements {
            Objects.requireNonNull(array, "array");
            Objects.requireNonNull(elementKey, "elementKey");
        }

        public static Elements of(FieldPath array) {
            return new Elements(array, Optional.empty(), DEFAULT_LIMIT);
        }

        public static Elements of(FieldPath array, FieldPath elementKey) {
            return new Elements(array, Optional.of(elementKey), DEFAULT_LIMIT);
        }
    }
}
