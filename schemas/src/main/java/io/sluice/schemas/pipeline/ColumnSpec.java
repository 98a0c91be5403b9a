package io.sluice.schemas.pipeline;

import java.util.Objects;
import java.util.Optional;

/**
 * One column under {@code columns:}.
 *
 * @param type the SQL type wanted at the target; empty: as the source declares it
 * @param defaultValue taken where the source has no value, absent and null alike
 */
public record ColumnSpec(
        String name, ColumnValue value, Optional<String> type, Optional<Literal> defaultValue, Place place) {

    public ColumnSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(defaultValue, "defaultValue");
        Objects.requireNonNull(place, "place");
    }

    /** A column copied under its own name. */
    public static ColumnSpec copied(String name) {
        return of(name, new ColumnValue.Field(FieldPath.of(name)));
    }

    public static ColumnSpec of(String name, ColumnValue value) {
        return new ColumnSpec(name, value, Optional.empty(), Optional.empty(), Place.NOWHERE);
    }

    public boolean isDropped() {
        return value instanceof ColumnValue.Dropped;
    }
}
