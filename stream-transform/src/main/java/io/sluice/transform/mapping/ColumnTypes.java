package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.transform.mapping.value.SqlType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The types and the values that a column's entry in the file names. */
final class ColumnTypes {

    /** Takes what is wrong with a column's entry. */
    interface Reporter {
        void problem(ColumnSpec column, String message, String remedy);
    }

    private final Reporter reporter;
    private final Literals literals = new Literals();

    ColumnTypes(Reporter reporter) {
        this.reporter = reporter;
    }

    Optional<SqlType> parse(ColumnSpec spec, String text) {
        Optional<SqlType> type = SqlType.parse(text);
        if (type.isEmpty()) {
            reporter.problem(spec, "we don't know the SQL type " + text, "");
        }
        return type;
    }

    @Nullable
    Object literal(ColumnSpec spec, Literal literal, Column column, @Nullable SqlType type) {
        Optional<Object> value = literals.valueOf(literal, column.type(), type == null ? null : type.limit());
        if (value.isEmpty()) {
            reporter.problem(spec, "the value given is no exact value of type " + column.declared(), "");
        }
        return value.orElse(null);
    }
}
