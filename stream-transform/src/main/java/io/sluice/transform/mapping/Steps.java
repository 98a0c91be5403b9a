package io.sluice.transform.mapping;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.expression.ExpressionException;
import io.sluice.transform.mapping.value.UnfitValueException;
import org.jspecify.annotations.Nullable;

/** The columns of a target row, one after the other. */
final class Steps {

    private final RowSchema target;
    private final ColumnStep[] steps;

    /** Takes the array over. */
    Steps(RowSchema target, ColumnStep[] steps) {
        this.target = target;
        this.steps = steps;
    }

    RowSchema target() {
        return target;
    }

    /** @throws UnfitValueException if a column has no value for this row */
    Row of(SourceRow row) {
        @Nullable Object[] values = new Object[steps.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(steps[i], row);
        }
        return new Row(target, values);
    }

    /** As {@link #of(SourceRow)}; a value that the log left out is the one from before. */
    Row of(SourceRow row, SourceRow before) {
        @Nullable Object[] values = new Object[steps.length];
        for (int i = 0; i < values.length; i++) {
            Object value = value(steps[i], row);
            values[i] = value == Unchanged.UNCHANGED ? value(steps[i], before) : value;
        }
        return new Row(target, values);
    }

    /** What that step gives, or a failure that names its column. */
    static @Nullable Object value(ColumnStep step, SourceRow row) {
        try {
            return step.of(row);
        } catch (UnfitValueException e) {
            throw e.of("column " + step.column().name());
        } catch (ExpressionException e) {
            throw e.of("column " + step.column().name());
        }
    }
}
