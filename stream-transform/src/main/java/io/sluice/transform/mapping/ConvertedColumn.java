package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Conversion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source column whose values become values of another type, if they can.
 *
 * @param from the source column's place
 * @param otherwise the value where the source has null
 */
record ConvertedColumn(Column column, int from, Conversion conversion, @Nullable Object otherwise)
        implements ColumnStep {

    @Override
    public @Nullable Object of(SourceRow row) {
        Object value = row.value(from);
        if (value == null) {
            return otherwise;
        }
        return value == Unchanged.UNCHANGED ? value : conversion.apply(value);
    }

    @Override
    public Set<Integer> reads() {
        return Set.of(from);
    }

    @Override
    public Conversion.InKeys inKeys() {
        return otherwise != null && conversion.inKeys() == Conversion.InKeys.DISTINCT
                ? Conversion.InKeys.MERGED
                : conversion.inKeys();
    }

    @Override
    public boolean standsFor(int sourceColumn) {
        return from == sourceColumn;
    }
}
