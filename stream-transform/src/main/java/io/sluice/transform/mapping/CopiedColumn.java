package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Conversion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source column as it is, or in a carrier that holds all its values.
 *
 * @param from the source column's place
 * @param otherwise the value where the source has null
 */
record CopiedColumn(Column column, int from, Widening widening, @Nullable Object otherwise) implements ColumnStep {

    @Override
    public @Nullable Object of(SourceRow row) {
        return of(row.value(from));
    }

    /** What becomes of a source value; one that the log left out stays left out. */
    @Nullable
    Object of(@Nullable Object value) {
        if (value == null) {
            return otherwise;
        }
        return value == Unchanged.UNCHANGED ? value : widening.apply(value);
    }

    @Override
    public Set<Integer> reads() {
        return Set.of(from);
    }

    /** A default makes one key of null and of that value. */
    @Override
    public Conversion.InKeys inKeys() {
        return otherwise == null ? Conversion.InKeys.DISTINCT : Conversion.InKeys.MERGED;
    }

    @Override
    public boolean standsFor(int sourceColumn) {
        return from == sourceColumn;
    }
}
