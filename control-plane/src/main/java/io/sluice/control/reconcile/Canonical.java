package io.sluice.control.reconcile;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.platform.postgres.PostgresText;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values in a form in which those that mean the same are equal, whatever database wrote them and however: 1, 1.0 and 1.00; the
 * keys of a JSON object in any order; 0.0 and -0.0.
 */
final class Canonical {

    /** Exact numbers stay exact, and the order of an object's keys is of no account. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Canonical() {}

    /** What types have in common if their values can be compared. */
    enum Family {
        NUMBER,
        FLOAT,
        TEXT,
        JSON,
        INSTANT,
        ARRAY,
        /** Comparable with values of the very same type alone. */
        OTHER;

        static Family of(LogicalType type) {
            if (type instanceof Numeric) {
                return NUMBER;
            }
            if (type instanceof Array) {
                return ARRAY;
            }
            if (!(type instanceof Simple simple)) {
                return OTHER;
            }
            return switch (simple) {
                case INT16, INT32, INT64 -> NUMBER;
                case FLOAT32, FLOAT64 -> FLOAT;
                case TEXT -> TEXT;
                case JSON, DOCUMENT -> JSON;
                case TIMESTAMP, TIMESTAMPTZ -> INSTANT;
                case BOOLEAN, BYTES, UUID, DATE, TIME -> OTHER;
            };
        }
    }

    /** Two values of comparable types mean the same exactly if these are equal. */
    static @Nullable Object of(LogicalType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (Family.of(type)) {
            case NUMBER -> number(value);
            case FLOAT -> ((Number) value).doubleValue() == 0 ? (Object) 0.0 : (Object) ((Number) value).doubleValue();
            case JSON -> json((String) value);
            case ARRAY -> elements(((Array) type).element(), (List<?>) value);
            case TEXT, INSTANT, OTHER -> value;
        };
    }

    /** As the database writes it: for types that only have that in common. */
    static @Nullable String text(LogicalType type, @Nullable Object value) {
        return value == null ? null : PostgresText.of(type, value);
    }

    /** A whole number as a long where it is one; special values as they are. */
    private static Object number(Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (!(value instanceof BigDecimal decimal)) {
            return value;
        }
        BigDecimal stripped = decimal.stripTrailingZeros();
        return stripped.scale() <= 0 && stripped.precision() - stripped.scale() <= 18
                ? (Object) stripped.longValueExact()
                : stripped;
    }

    private static List<@Nullable Object> elements(LogicalType element, List<?> values) {
        List<@Nullable Object> canonical = new ArrayList<>(values.size());
        for (Object value : values) {
            canonical.add(of(element, value));
        }
        return canonical;
    }

    private static Object json(String text) {
        try {
            return json(JSON.readTree(text));
        } catch (IOException e) {
            // Nothing that Jackson can read: then only the same text is the same value.
            return text;
        }
    }

    private static Object json(JsonNode node) {
        if (node.isObject()) {
            TreeMap<String, Object> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), json(field.getValue())));
            return fields;
        }
        if (node.isArray()) {
            List<Object> elements = new ArrayList<>(node.size());
            node.forEach(element -> elements.add(json(element)));
            return elements;
        }
        if (node.isNumber()) {
            return number(node.decimalValue());
        }
        return node.isTextual() ? new JsonText(node.textValue()) : node.toString();
    }

    /** So that the text "true" is not the value true. */
    private record JsonText(String text) {}
}
