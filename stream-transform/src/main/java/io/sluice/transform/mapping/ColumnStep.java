package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.transform.mapping.value.Conversion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How one target column gets its value. */
interface ColumnStep {

    /** The target column. */
    Column column();

    /**
     * Its value; {@link io.sluice.schemas.model.Unchanged} where the log left out what it is made of.
     *
     * @throws io.sluice.transform.mapping.value.UnfitValueException if the row has none
     */
    @Nullable
    Object of(SourceRow row);

    /** The source columns that it is made of; none for a constant. */
    Set<Integer> reads();

    /** What becomes of keys that it is part of: whether its value tells what it was made of. */
    Conversion.InKeys inKeys();

    default boolean isConstant() {
        return reads().isEmpty();
    }

    /** Whether it is that source column, as it is or in another type. */
    default boolean standsFor(int sourceColumn) {
        return false;
    }
}
