package io.sluice.transform.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.config.YamlNode;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/** JSON written as YAML, and JSON read to be compared. */
final class JsonTree {

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d{1,3})?");

    private final JsonNodeFactory nodes = JsonNodeFactory.instance;
    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The JSON that a tree of YAML means: plain numbers, true, false and null are themselves, all else is text. */
    JsonNode of(YamlNode yaml) {
        if (yaml instanceof YamlNode.Entries entries) {
            ObjectNode object = nodes.objectNode();
            entries.entries().forEach(entry -> object.set(entry.key(), of(entry.value())));
            return object;
        }
        if (yaml instanceof YamlNode.Items items) {
            ArrayNode array = nodes.arrayNode();
            items.items().forEach(item -> array.add(of(item)));
            return array;
        }
        YamlNode.Scalar scalar = (YamlNode.Scalar) yaml;
        if (scalar.isNothing()) {
            return nodes.nullNode();
        }
        if (scalar.plain() && (scalar.text().equals("true") || scalar.text().equals("false"))) {
            return nodes.booleanNode(scalar.text().equals("true"));
        }
        if (scalar.plain() && NUMBER.matcher(scalar.text()).matches()) {
            BigDecimal number = new BigDecimal(scalar.text());
            return number.scale() == 0 ? nodes.numberNode(number.toBigInteger()) : nodes.numberNode(number);
        }
        return nodes.textNode(scalar.text());
    }

    String text(YamlNode yaml) {
        return of(yaml).toString();
    }

    /** Empty where it is no JSON. */
    Optional<JsonNode> parse(String text) {
        try {
            JsonNode tree = json.readTree(text);
            return tree.isMissingNode() ? Optional.empty() : Optional.of(tree);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Whether two texts are the same JSON: spaces and the order of keys say nothing, 1.0 is 1. */
    boolean same(String one, String other) {
        Optional<JsonNode> left = parse(one);
        Optional<JsonNode> right = parse(other);
        return (left.isPresent() && right.isPresent())
                ? left.get().equals(JsonTree::compare, right.get())
                : one.equals(other);
    }

    private static int compare(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) {
            return one.decimalValue().compareTo(other.decimalValue());
        }
        return one.equals(other) ? 0 : 1;
    }
}
