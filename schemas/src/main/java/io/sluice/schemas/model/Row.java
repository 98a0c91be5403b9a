package io.sluice.schemas.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, in the order of its schema, each in the carrier that {@link LogicalType} names, null, or {@link
 * Unchanged}.
 */
public final class Row {

    private final RowSchema schema;
    private final @Nullable Object[] values;

    /** Takes the array over; the caller must not write to it again. */
    public Row(RowSchema schema, @Nullable Object[] values) {
        if (values.length != schema.size()) {
            throw new IllegalArgumentException(
                    schema.name() + " has " + schema.size() + " columns, not " + values.length);
        }
        this.schema = schema;
        this.values = values;
    }

    public RowSchema schema() {
        return schema;
    }

    public @Nullable Object value(int index) {
        return values[index];
    }

    /** @throws IllegalArgumentException if there is no such column */
    public @Nullable Object value(String column) {
        int index = schema.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException(schema.name() + " has no column " + column);
        }
        return values[index];
    }

    public boolean isUnchanged(int index) {
        return values[index] == Unchanged.UNCHANGED;
    }

    /** Whether every value is known. */
    public boolean isWhole() {
        for (Object value : values) {
            if (value == Unchanged.UNCHANGED) {
                return false;
            }
        }
        return true;
    }

    /** @throws IllegalStateException if the table has no key, or the log left a part of it out */
    public Key key(RowSchema keySchema) {
        @Nullable Object[] parts = new Object[keySchema.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = values[schema.keyIndex(i)];
        }
        return new Key(keySchema, parts);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row row && schema.equals(row.schema) && Arrays.equals(values, row.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** The shape alone: values never reach a log. */
    @Override
    public String toString() {
        return "Row of " + schema.name();
    }
}
