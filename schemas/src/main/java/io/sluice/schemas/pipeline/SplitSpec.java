package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** How one source row becomes several target rows. A row that vanishes from its parent is deleted. */
public sealed interface SplitSpec {

    Place place();

    /** One row for each of these fields that is present: {@code $part} is its name, {@code $value} its value. */
    record Parts(List<FieldPath> parts, Place place) implements SplitSpec {

        public Parts {
            parts = List.copyOf(parts);
            Objects.requireNonNull(place, "place");
        }
    }

    /**
     * One row for each element: {@code $value} is the element, {@code $index} its place.
     *
     * @param elementKey the element's field that tells it from its siblings; empty: its place does
     */
    record Elements(FieldPath array, Optional<FieldPath> elementKey, Place place) implements SplitSpec {

        public Elements {
            Objects.requireNonNull(array, "array");
            Objects.requireNonNull(elementKey, "elementKey");
            Objects.requireNonNull(place, "place");
        }
    }
}
