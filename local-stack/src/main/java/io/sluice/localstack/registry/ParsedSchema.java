package io.sluice.localstack.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * An Avro schema and the text by which it is known: two schemas with the same text share an id.
 *
 * @param text Avro's own rendering: white space, the order of Avro's attributes and the ways to write a full name don't
 *     count; documentation, aliases, defaults and custom properties do
 */
record ParsedSchema(Schema avro, String text) {

    private static final Set<String> AVRO_ATTRIBUTES = Set.of(
            "type",
            "name",
            "namespace",
            "doc",
            "fields",
            "symbols",
            "items",
            "values",
            "size",
            "default",
            "order",
            "aliases",
            "logicalType");

    /** @param normalize whether the order of custom properties is left out of account as well */
    static ParsedSchema parse(String text, boolean normalize) {
        Schema schema;
        try {
            schema = new Schema.Parser().parse(text);
        } catch (AvroRuntimeException e) {
            throw RestException.invalidSchema("Invalid schema " + text + ", details: " + e.getMessage());
        }
        String canonical = schema.toString();
        return new ParsedSchema(schema, normalize ? normalized(canonical) : canonical);
    }

    private static String normalized(String canonical) {
        ObjectMapper mapper = new ObjectMapper();
        try {
            return mapper.writeValueAsString(ordered(mapper.readTree(canonical), false));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Avro rendered a schema that is no JSON", e);
        }
    }

    /** Avro's attributes first and as Avro orders them, then the others by name; inside an opaque value, all by name. */
    private static JsonNode ordered(JsonNode node, boolean opaque) {
        if (node instanceof ArrayNode array) {
            ArrayNode result = array.arrayNode();
            array.forEach(element -> result.add(ordered(element, opaque)));
            return result;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode result = object.objectNode();
        Map<String, JsonNode> others = new TreeMap<>();
        for (Map.Entry<String, JsonNode> property : List.copyOf(object.properties())) {
            boolean known = !opaque && AVRO_ATTRIBUTES.contains(property.getKey());
            if (known) {
                boolean value = property.getKey().equals("default");
                result.set(property.getKey(), ordered(property.getValue(), value));
            } else {
                others.put(property.getKey(), ordered(property.getValue(), true));
            }
        }
        result.setAll(others);
        return result;
    }
}
