package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
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

    static final SqlType TEXT = known("text");
    static final SqlType JSONB = known("jsonb");

    private final Reporter reporter;
    private final Literals literals = new Literals();

    ColumnTypes(Reporter reporter) {
        this.reporter = reporter;
    }

    private static SqlType known(String type) {
        return SqlType.parse(type).orElseThrow(() -> new IllegalStateException(type + " is a type"));
    }

    /** The SQL type that holds what an expression gives. */
    static String naturalType(@Nullable LogicalType given) {
        if (given instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> "boolean";
                case INT64 -> "bigint";
                case FLOAT64 -> "double precision";
                case BYTES -> "bytea";
                case TIMESTAMPTZ -> "timestamptz";
                default -> "text";
            };
        }
        return "numeric";
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
