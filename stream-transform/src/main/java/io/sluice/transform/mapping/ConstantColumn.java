package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.transform.mapping.value.Conversion;
import java.util.Set;

/** The same value in every row. */
record ConstantColumn(Column column, Object value) implements ColumnStep {

    @Override
    public Object of(SourceRow row) {
        return value;
    }

    @Override
    public Set<Integer> reads() {
        return Set.of();
    }

    @Override
    public Conversion.InKeys inKeys() {
        return Conversion.InKeys.DISTINCT;
    }
}
