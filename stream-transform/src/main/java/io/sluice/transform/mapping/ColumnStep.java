package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.Unchanged;
import org.jspecify.annotations.Nullable;

/**
 * How one target column gets its value.
 *
 * @param column the target column
 * @param from the source column's place, or -1 for a constant
 * @param otherwise the value where the source has null; of a constant, the value itself
 */
record ColumnStep(Column column, int from, Widening widening, @Nullable Object otherwise) {

    static final int CONSTANT = -1;

    boolean isConstant() {
        return from == CONSTANT;
    }

    @Nullable
    Object of(Row source) {
        return from == CONSTANT ? otherwise : of(source.value(from));
    }

    /** What becomes of a source value; one that the log left out stays left out. */
    @Nullable
    Object of(@Nullable Object value) {
        if (value == null) {
            return otherwise;
        }
        return value == Unchanged.UNCHANGED ? value : widening.apply(value);
    }
}
