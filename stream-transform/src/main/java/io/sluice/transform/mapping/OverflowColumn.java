package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.Remainder;
import java.util.Set;

/** The fields of a document that no other column takes. */
record OverflowColumn(Column column, int document, Remainder remainder) implements ColumnStep {

    @Override
    public Object of(SourceRow row) {
        return row.value(document) == Unchanged.UNCHANGED ? Unchanged.UNCHANGED : remainder.of(row.document(document));
    }

    @Override
    public Set<Integer> reads() {
        return Set.of(document);
    }

    @Override
    public Conversion.InKeys inKeys() {
        return Conversion.InKeys.SPLIT;
    }
}
