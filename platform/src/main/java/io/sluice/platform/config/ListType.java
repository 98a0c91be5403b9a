package io.sluice.platform.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A list. Items that can't be read are left out, with a problem each, so that the rest is looked at too.
 *
 * @param singleAllowed whether one item may stand there without brackets
 */
public record ListType<T>(ValueType<T> item, boolean singleAllowed) implements ValueType<List<Located<T>>> {

    public static <T> ListType<T> of(ValueType<T> item) {
        return new ListType<>(item, false);
    }

    public static <T> ListType<T> oneOrMore(ValueType<T> item) {
        return new ListType<>(item, true);
    }

    @Override
    public Optional<List<Located<T>>> read(YamlNode node, Reading reading) {
        List<YamlNode> nodes;
        if (node instanceof YamlNode.Items items) {
            nodes = items.items();
        } else if (singleAllowed) {
            nodes = List.of(node);
        } else {
            reading.problem(
                    node.place(),
                    "takes " + says() + ", not " + node.says(),
                    node instanceof YamlNode.Scalar scalar && !scalar.isNothing() ? "put it in [ ]" : "");
            return Optional.empty();
        }
        List<Located<T>> values = new ArrayList<>();
        for (YamlNode each : nodes) {
            item.read(each, reading).ifPresent(value -> values.add(new Located<>(value, each.place())));
        }
        // A list of which nothing could be read is not an empty one.
        return values.isEmpty() && !nodes.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(values));
    }

    @Override
    public Map<String, Object> jsonSchema(Map<String, Object> definitions) {
        Map<String, Object> one = item.jsonSchema(definitions);
        Map<String, Object> many = new LinkedHashMap<>();
        many.put("type", "array");
        many.put("items", one);
        return singleAllowed ? Map.of("anyOf", List.of(one, many)) : many;
    }

    @Override
    public String says() {
        return singleAllowed ? item.says() + ", or a list of them" : "a list of " + Says.bare(item);
    }
}
