package io.sluice.transform.mapping;

import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.expression.CompiledExpression;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An expression over a source row. */
final class SourceExpression {

    private final CompiledExpression expression;
    private final Map<String, SourceField> fields;
    private final Set<Integer> reads = new HashSet<>();

    SourceExpression(CompiledExpression expression, Map<String, SourceField> fields) {
        this.expression = expression;
        this.fields = Map.copyOf(fields);
        fields.values().forEach(field -> reads.add(field.column()));
    }

    CompiledExpression compiled() {
        return expression;
    }

    /** The source columns that it reads. */
    Set<Integer> reads() {
        return Set.copyOf(reads);
    }

    /** Whether the log left out a value that it reads. */
    boolean isLeftOut(SourceRow row) {
        for (Integer column : reads) {
            if (row.value(column) == Unchanged.UNCHANGED) {
                return true;
            }
        }
        return false;
    }

    /** @throws io.sluice.transform.mapping.expression.ExpressionException if it has no value for this row */
    @Nullable
    Object evaluate(SourceRow row) {
        return expression.evaluate(name -> value(name, row));
    }

    /** @throws io.sluice.transform.mapping.expression.ExpressionException if that can't be told */
    boolean holds(SourceRow row) {
        return expression.holds(name -> value(name, row));
    }

    private @Nullable Object value(String name, SourceRow row) {
        SourceField field = fields.get(name);
        if (field == null) {
            throw new IllegalStateException("an expression reads only what it was compiled with");
        }
        return field.way() == null ? row.value(field.column()) : field.in(row);
    }
}
