package io.sluice.transform.mapping;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import org.jspecify.annotations.Nullable;

/** How a target row gets its key. */
final class KeyPlan {

    private final RowSchema schema;
    private final ColumnStep[] steps;
    private final int[] sourceParts;
    private final int sourceWidth;
    private final boolean fromSourceKey;
    private final boolean injective;

    /**
     * Takes the arrays over.
     *
     * @param steps the key's columns, in its order
     * @param sourceParts for each, its place in the source's key, or -1 where it is not part of that
     * @param sourceWidth how many columns the source's key has
     * @param fromSourceKey whether the source's key alone gives it: then no change of a row ever moves it
     * @param injective whether, moreover, no two rows of the source table share a target row
     */
    KeyPlan(
            RowSchema schema,
            ColumnStep[] steps,
            int[] sourceParts,
            int sourceWidth,
            boolean fromSourceKey,
            boolean injective) {
        this.schema = schema;
        this.steps = steps;
        this.sourceParts = sourceParts;
        this.sourceWidth = sourceWidth;
        this.fromSourceKey = fromSourceKey;
        this.injective = injective;
    }

    RowSchema schema() {
        return schema;
    }

    boolean fromSourceKey() {
        return fromSourceKey;
    }

    boolean injective() {
        return injective;
    }

    boolean fits(Key source) {
        return source.size() == sourceWidth;
    }

    /** The target's key from the source's, where that alone gives it. */
    Key of(Key source) {
        @Nullable Object[] parts = new Object[steps.length];
        for (int i = 0; i < parts.length; i++) {
            ColumnStep step = steps[i];
            parts[i] = step.isConstant() ? step.otherwise() : step.of(source.part(sourceParts[i]));
        }
        return new Key(schema, parts);
    }

    /** The target's key from a source row for which {@link #problemWith} finds nothing. */
    Key of(Row source) {
        @Nullable Object[] parts = new Object[steps.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = steps[i].of(source);
        }
        return new Key(schema, parts);
    }

    /** Why this source row gives no key; null if it gives one. */
    @Nullable
    String problemWith(Row source) {
        for (ColumnStep step : steps) {
            Object value = step.of(source);
            if (value == null) {
                return "key column " + step.column().name() + " would be null";
            }
            if (value == Unchanged.UNCHANGED) {
                return "the log left out key column " + step.column().name();
            }
        }
        return null;
    }
}
