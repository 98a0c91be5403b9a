package io.sluice.transform.mapping.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.Conversions;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldConversion;
import io.sluice.transform.mapping.value.SqlType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an expression gives as a value of a column. */
public final class ResultConversion {

    private static final List<LogicalType> GIVEN = List.of(
            Simple.BOOLEAN,
            Simple.INT64,
            Simple.FLOAT64,
            Numeric.UNBOUNDED,
            Simple.TEXT,
            Simple.BYTES,
            Simple.TIMESTAMPTZ);

    private final SqlType to;
    private final Map<LogicalType, Conversion> conversions = new HashMap<>();
    private final @Nullable ResultConversion elements;
    private final FieldConversion json;

    public ResultConversion(SqlType to) {
        this.to = to;
        for (LogicalType given : GIVEN) {
            Conversions.between(given, to).ifPresent(conversion -> conversions.put(given, conversion));
        }
        this.elements = to.elementType().map(ResultConversion::new).orElse(null);
        this.json = FieldConversion.to(to, Dialect.PLAIN);
    }

    /** Whether something of that type can become a value at all. */
    public boolean takes(LogicalType given) {
        return to.type() == Simple.JSON || conversions.containsKey(given);
    }

    /**
     * @throws io.sluice.transform.mapping.value.UnfitValueException if the column's type can't hold it
     * @throws ExpressionException if it is of a type that can't become the column's
     */
    public @Nullable Object of(@Nullable Object value) {
        if (value == null || value == NullValue.NULL_VALUE) {
            return null;
        }
        if (to.type() == Simple.JSON) {
            return json.apply(tree(value));
        }
        if (value instanceof List<?> list && elements != null) {
            List<@Nullable Object> converted = new ArrayList<>(list.size());
            for (Object element : list) {
                converted.add(elements.of(element));
            }
            return converted;
        }
        LogicalType given = typeOf(value);
        Conversion conversion = given == null ? null : conversions.get(given);
        if (conversion == null) {
            throw new ExpressionException("what it gives can't become " + to.declared());
        }
        return conversion.apply(carrier(value));
    }

    private static @Nullable LogicalType typeOf(Object value) {
        if (value instanceof Boolean) {
            return Simple.BOOLEAN;
        } else if (value instanceof Long) {
            return Simple.INT64;
        } else if (value instanceof Double) {
            return Simple.FLOAT64;
        } else if (value instanceof BigDecimal) {
            return Numeric.UNBOUNDED;
        } else if (value instanceof String) {
            return Simple.TEXT;
        } else if (value instanceof CelByteString) {
            return Simple.BYTES;
        }
        return value instanceof Instant ? Simple.TIMESTAMPTZ : null;
    }

    private static Object carrier(Object value) {
        if (value instanceof CelByteString bytes) {
            return Bytes.wrap(bytes.toByteArray());
        }
        if (value instanceof Instant instant) {
            if (!instant.truncatedTo(ChronoUnit.MICROS).equals(instant)) {
                throw new ExpressionException("a time is finer than a microsecond");
            }
            try {
                return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
            } catch (ArithmeticException e) {
                throw new ExpressionException("a time lies beyond what PostgreSQL can hold");
            }
        }
        return value;
    }

    private static JsonNode tree(Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = nodes.objectNode();
            map.forEach((name, field) -> object.set(String.valueOf(name), tree(field)));
            return object;
        }
        if (value instanceof List<?> list) {
            ArrayNode array = nodes.arrayNode();
            list.forEach(element -> array.add(tree(element)));
            return array;
        }
        if (value == NullValue.NULL_VALUE) {
            return nodes.nullNode();
        } else if (value instanceof Boolean bool) {
            return nodes.booleanNode(bool);
        } else if (value instanceof Long number) {
            return nodes.numberNode(number);
        } else if (value instanceof BigDecimal number) {
            return nodes.numberNode(number);
        } else if (value instanceof Double number && Double.isFinite(number)) {
            return nodes.numberNode(new BigDecimal(number.toString()));
        } else if (value instanceof String text) {
            return nodes.textNode(text);
        } else if (value instanceof Instant instant) {
            return nodes.textNode(instant.toString());
        }
        throw new ExpressionException("what it gives has no place in JSON");
    }
}
