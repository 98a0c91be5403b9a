package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How the values of a document are written in its JSON. */
public enum Dialect {
    /** JSON as PostgreSQL holds it: an object is a document, whatever its fields are called. */
    PLAIN {
        @Override
        Kind kindOf(JsonNode node) {
            return switch (node.getNodeType()) {
                case NULL, MISSING -> Kind.NULL;
                case BOOLEAN -> Kind.BOOLEAN;
                case STRING -> Kind.TEXT;
                case NUMBER -> node.isIntegralNumber() && node.canConvertToLong() ? Kind.INT64 : Kind.DECIMAL;
                case OBJECT -> Kind.DOCUMENT;
                case ARRAY -> Kind.ARRAY;
                case BINARY, POJO -> Kind.OTHER;
            };
        }

        @Override
        Object carrier(Kind kind, JsonNode node) {
            return switch (kind) {
                case BOOLEAN -> node.booleanValue();
                case INT64 -> node.longValue();
                case DECIMAL -> node.decimalValue();
                case TEXT -> node.textValue();
                default -> throw new IllegalArgumentException(kind + " has no carrier");
            };
        }
    },

    /** MongoDB's canonical extended JSON, version 2: an object whose first field is called {@code $…} may be another type. */
    EXTENDED {
        @Override
        Kind kindOf(JsonNode node) {
            if (!node.isObject() || node.isEmpty()) {
                return PLAIN.kindOf(node);
            }
            String first = node.fieldNames().next();
            if (first.isEmpty() || first.charAt(0) != '$') {
                return Kind.DOCUMENT;
            }
            return switch (first) {
                case "$numberInt" -> Kind.INT32;
                case "$numberLong" -> Kind.INT64;
                case "$numberDouble" -> Kind.DOUBLE;
                case "$numberDecimal" -> Kind.DECIMAL;
                case "$oid" -> Kind.OBJECT_ID;
                case "$date" -> Kind.MOMENT;
                case "$symbol" -> Kind.TEXT;
                case "$undefined" -> Kind.NULL;
                case "$binary" -> node.get(first).path(SUBTYPE).asText().equals(UUID_SUBTYPE) ? Kind.UUID : Kind.BINARY;
                case "$code", "$timestamp", "$regularExpression", "$dbPointer", "$minKey", "$maxKey" -> Kind.OTHER;
                default -> Kind.DOCUMENT;
            };
        }

        @Override
        Object carrier(Kind kind, JsonNode node) {
            if (!node.isObject()) {
                return PLAIN.carrier(kind, node);
            }
            JsonNode held = node.iterator().next();
            return switch (kind) {
                case INT32 -> Integer.valueOf(held.textValue());
                case INT64 -> Long.valueOf(held.textValue());
                case DOUBLE -> Double.valueOf(held.textValue());
                case DECIMAL -> decimal(held.textValue());
                case OBJECT_ID, TEXT -> held.textValue();
                case MOMENT -> micros(Long.parseLong(held.path("$numberLong").asText()));
                case UUID -> uuid(bytes(held));
                case BINARY -> Bytes.wrap(bytes(held));
                default -> throw new IllegalArgumentException(kind + " has no carrier");
            };
        }
    };

    private static final String SUBTYPE = "subType";
    private static final String UUID_SUBTYPE = "04";
    private static final int UUID_BYTES = 16;
    private static final int MICROS_PER_MILLI = 1000;

    abstract Kind kindOf(JsonNode node);

    /** The value in the carrier of its kind's type. */
    abstract Object carrier(Kind kind, JsonNode node);

    /** Whether nothing stands there: no field, or null in it. */
    public boolean isNothing(JsonNode node) {
        return kindOf(node) == Kind.NULL;
    }

    /**
     * A value and all that is in it as Java's own objects: lists, maps, numbers, texts, moments; null for null. What only
     * MongoDB knows is a map of how it is written.
     */
    public @Nullable Object plainValue(JsonNode node) {
        Kind kind = kindOf(node);
        return switch (kind) {
            case NULL -> null;
            case MOMENT -> Instant.EPOCH.plus((Long) carrier(kind, node), ChronoUnit.MICROS);
            case ARRAY -> {
                List<@Nullable Object> elements = new ArrayList<>(node.size());
                node.forEach(element -> elements.add(plainValue(element)));
                yield elements;
            }
            case DOCUMENT -> {
                Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                node.properties().forEach(field -> fields.put(field.getKey(), plainValue(field.getValue())));
                yield fields;
            }
            case OTHER -> PLAIN.plainValue(node);
            default -> carrier(kind, node);
        };
    }

    private static Object decimal(String text) {
        return switch (text) {
            case "NaN", "-NaN" -> NumericSpecial.NAN;
            case "Infinity" -> NumericSpecial.POSITIVE_INFINITY;
            case "-Infinity" -> NumericSpecial.NEGATIVE_INFINITY;
            default -> new BigDecimal(text);
        };
    }

    private static Long micros(long millis) {
        try {
            return Math.multiplyExact(millis, MICROS_PER_MILLI);
        } catch (ArithmeticException e) {
            throw new UnfitValueException("a date lies beyond what PostgreSQL can hold");
        }
    }

    private static byte[] bytes(JsonNode binary) {
        return Base64.getDecoder().decode(binary.path("base64").asText());
    }

    private static UUID uuid(byte[] bytes) {
        if (bytes.length != UUID_BYTES) {
            throw new UnfitValueException("a UUID has not 16 bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
