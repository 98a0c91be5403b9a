package io.sluice.transform.mapping.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Temporals;
import io.sluice.transform.mapping.value.Conversions;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.Documents;
import io.sluice.transform.mapping.value.SqlType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of columns as an expression sees them. */
final class Values {

    private static final SqlType TEXT =
            SqlType.parse("text").orElseThrow(() -> new IllegalStateException("text is a type"));

    private final Documents documents;

    Values(Documents documents) {
        this.documents = documents;
    }

    static CelType typeOf(LogicalType type) {
        if (type instanceof Numeric) {
            return ExactLibrary.DECIMAL;
        }
        if (type instanceof LogicalType.Array array) {
            CelType element = typeOf(array.element());
            return ListType.create(element);
        }
        if (!(type instanceof Simple simple)) {
            return NullableType.create(SimpleType.STRING);
        }
        return switch (simple) {
            case BOOLEAN -> NullableType.create(SimpleType.BOOL);
            case INT16, INT32, INT64 -> NullableType.create(SimpleType.INT);
            case FLOAT32, FLOAT64 -> NullableType.create(SimpleType.DOUBLE);
            case TEXT, UUID, DATE, TIME -> NullableType.create(SimpleType.STRING);
            case BYTES -> NullableType.create(SimpleType.BYTES);
            case TIMESTAMP, TIMESTAMPTZ -> SimpleType.TIMESTAMP;
            case JSON, DOCUMENT -> SimpleType.DYN;
        };
    }

    /** @throws ExpressionException if expressions can't hold it */
    Object of(LogicalType type, @Nullable Object value) {
        if (value == null) {
            return NullValue.NULL_VALUE;
        }
        if (type instanceof Numeric) {
            if (value instanceof NumericSpecial) {
                throw new ExpressionException("NaN and infinity are no decimals");
            }
            return Decimals.canonical((BigDecimal) value);
        }
        if (type instanceof LogicalType.Array array) {
            List<Object> elements = new ArrayList<>();
            for (Object element : (List<?>) value) {
                elements.add(of(array.element(), element));
            }
            return elements;
        }
        if (!(type instanceof Simple simple)) {
            return value;
        }
        return switch (simple) {
            case BOOLEAN, TEXT -> value;
            case INT16, INT32, INT64 -> ((Number) value).longValue();
            case FLOAT32 -> floating(Double.parseDouble(value.toString()));
            case FLOAT64 -> floating((Double) value);
            case UUID, DATE, TIME ->
                Conversions.between(type, TEXT).orElseThrow().apply(value);
            case BYTES -> CelByteString.of(((Bytes) value).unsafeArray());
            case TIMESTAMP, TIMESTAMPTZ -> moment((Long) value);
            case JSON -> tree(documents.parse((String) value), Dialect.PLAIN);
            case DOCUMENT -> tree(documents.parse((String) value), Dialect.EXTENDED);
        };
    }

    /** What stands at a place of a document: maps, lists and single values. */
    Object tree(JsonNode node, Dialect dialect) {
        Object found = dialect.plainValue(node);
        return forExpression(found);
    }

    private Object forExpression(@Nullable Object value) {
        if (value == null) {
            return NullValue.NULL_VALUE;
        }
        if (value instanceof BigDecimal decimal) {
            return Decimals.canonical(decimal);
        }
        if (value instanceof NumericSpecial special) {
            // Nothing that is computed with a decimal takes it, so it is told when it is used.
            return Double.valueOf(special.toString());
        }
        if (value instanceof Integer number) {
            return number.longValue();
        }
        if (value instanceof Double number) {
            return floating(number);
        }
        if (value instanceof Bytes bytes) {
            return CelByteString.of(bytes.unsafeArray());
        }
        if (value instanceof UUID uuid) {
            return uuid.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> elements = new ArrayList<>(list.size());
            list.forEach(element -> elements.add(forExpression(element)));
            return elements;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put(name, forExpression(field)));
            return fields;
        }
        return value;
    }

    private static Double floating(double value) {
        return value == 0.0 ? 0.0 : value;
    }

    static Instant moment(long micros) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            throw new ExpressionException("infinity is no time to compute with");
        }
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
