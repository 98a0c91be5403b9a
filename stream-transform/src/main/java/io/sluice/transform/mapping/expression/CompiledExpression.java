package io.sluice.transform.mapping.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelErrorCode;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An expression that was typed, ready for any number of rows. */
public final class CompiledExpression {

    private final CelRuntime.Program program;
    private final Map<String, LogicalType> names;
    private final Values values;
    private final @Nullable LogicalType result;

    CompiledExpression(
            CelRuntime.Program program, Map<String, LogicalType> names, Values values, @Nullable LogicalType result) {
        this.program = program;
        this.names = Map.copyOf(names);
        this.values = values;
        this.result = result;
    }

    /** The names that it reads. */
    public Set<String> names() {
        return names.keySet();
    }

    /** What it gives; null where that is known only with the row. */
    public @Nullable LogicalType result() {
        return result;
    }

    /**
     * Its value for a row: CEL's own objects, decimals as they are; null for null.
     *
     * @throws ExpressionException if it has none
     */
    public @Nullable Object evaluate(Scope.Row row) {
        try {
            Object value = program.eval(name -> Optional.of(value(name, row)));
            return value == NullValue.NULL_VALUE ? null : value;
        } catch (CelEvaluationException e) {
            throw new ExpressionException(reason(e));
        } catch (UnfitValueException e) {
            throw new ExpressionException(e.reason());
        }
    }

    /**
     * Whether a condition holds.
     *
     * @throws ExpressionException if that can't be told
     */
    public boolean holds(Scope.Row row) {
        Object value = evaluate(row);
        if (value instanceof Boolean bool) {
            return bool;
        }
        throw new ExpressionException(value == null ? "it is null, neither true nor false" : "it is no condition");
    }

    private Object value(String name, Scope.Row row) {
        LogicalType type = names.get(name);
        if (type == null) {
            throw new ExpressionException("it reads a name that it was not compiled with");
        }
        Object value = row.value(name);
        return value instanceof JsonNode node
                ? values.tree(node, type == Simple.DOCUMENT ? Dialect.EXTENDED : Dialect.PLAIN)
                : values.of(type, value);
    }

    /** CEL's own messages may hold values. */
    private static String reason(CelEvaluationException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnfitValueException unfit) {
                return unfit.reason();
            }
            if (cause instanceof ExpressionException told) {
                return told.reason();
            }
        }
        CelErrorCode code = e.getErrorCode();
        return switch (code) {
            case NUMERIC_OVERFLOW -> "a number leaves the range of 64 bits";
            case DIVIDE_BY_ZERO -> "it divides by zero";
            case ATTRIBUTE_NOT_FOUND -> "it reads a field that is not there; ask with has() first";
            case INDEX_OUT_OF_BOUNDS -> "it reads beyond the end of a list";
            case OVERLOAD_NOT_FOUND, INVALID_ARGUMENT, INTERNAL_ERROR ->
                "a value is null, or of another type than it computes with";
            case BAD_FORMAT -> "a text has another form than it needs";
            case ITERATION_BUDGET_EXCEEDED -> "it takes too many steps";
            default -> "it has no value (" + code + ")";
        };
    }
}
