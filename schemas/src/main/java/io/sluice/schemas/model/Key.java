package io.sluice.schemas.model;

import java.math.BigDecimal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a row, in canonical form: two keys that the database holds to be equal are equal here and encode to the
 * same bytes. So 1.0 and 1.00 are one key, and so are 0.0 and -0.0.
 */
public final class Key {

    private final RowSchema schema;
    private final @Nullable Object[] parts;
    private final int hash;

    /**
     * Takes the array over; the caller must not write to it again.
     *
     * @throws IllegalStateException if there are no parts or the log left one out
     */
    public Key(RowSchema schema, @Nullable Object[] parts) {
        if (parts.length == 0 || parts.length != schema.size()) {
            throw new IllegalStateException(
                    schema.name() + " needs a key of " + schema.size() + " parts, not " + parts.length);
        }
        for (int i = 0; i < parts.length; i++) {
            Object part = parts[i];
            if (part == Unchanged.UNCHANGED) {
                throw new IllegalStateException(
                        "the log left out key column " + schema.column(i).name() + " of " + schema.name());
            }
            parts[i] = canonical(part);
        }
        this.schema = schema;
        this.parts = parts;
        this.hash = Arrays.hashCode(parts);
    }

    private static @Nullable Object canonical(@Nullable Object part) {
        if (part instanceof BigDecimal decimal) {
            BigDecimal stripped = decimal.stripTrailingZeros();
            return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
        }
        if (part instanceof Double number) {
            return number == 0.0 ? (Object) 0.0 : number;
        }
        if (part instanceof Float number) {
            return number == 0.0f ? (Object) 0.0f : number;
        }
        return part;
    }

    public RowSchema schema() {
        return schema;
    }

    public int size() {
        return parts.length;
    }

    /** A part is null only where a table without primary key is identified by a whole row. */
    public @Nullable Object part(int index) {
        return parts[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && hash == key.hash && Arrays.equals(parts, key.parts);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The shape alone: values never reach a log. */
    @Override
    public String toString() {
        return "Key of " + schema.name();
    }
}
