package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.FieldConversion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A field of a document.
 *
 * @param otherwise the value where the field is missing or null
 */
record FieldColumn(Column column, SourceField field, FieldConversion conversion, @Nullable Object otherwise)
        implements ColumnStep {

    @Override
    public @Nullable Object of(SourceRow row) {
        if (row.value(field.column()) == Unchanged.UNCHANGED) {
            return Unchanged.UNCHANGED;
        }
        Object value = conversion.apply(field.in(row));
        return value == null ? otherwise : value;
    }

    @Override
    public Set<Integer> reads() {
        return Set.of(field.column());
    }

    /** What stands inside a document does not tell the document; the whole of an identity is compiled so that it does. */
    @Override
    public Conversion.InKeys inKeys() {
        if (column.type().mayBeWrittenDifferently()) {
            return Conversion.InKeys.SPLIT;
        }
        return field.isWhole() && otherwise == null ? Conversion.InKeys.DISTINCT : Conversion.InKeys.MERGED;
    }

    @Override
    public boolean standsFor(int sourceColumn) {
        return field.isWhole() && field.column() == sourceColumn;
    }
}
