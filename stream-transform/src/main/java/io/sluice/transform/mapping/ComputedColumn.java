package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.expression.ResultConversion;
import io.sluice.transform.mapping.value.Conversion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an expression over the source row gives. */
record ComputedColumn(Column column, SourceExpression expression, ResultConversion conversion) implements ColumnStep {

    @Override
    public @Nullable Object of(SourceRow row) {
        return expression.isLeftOut(row) ? Unchanged.UNCHANGED : conversion.of(expression.evaluate(row));
    }

    @Override
    public Set<Integer> reads() {
        return expression.reads();
    }

    @Override
    public Conversion.InKeys inKeys() {
        return column.type().mayBeWrittenDifferently() ? Conversion.InKeys.SPLIT : Conversion.InKeys.MERGED;
    }
}
