package io.sluice.platform.config;

import java.util.Map;
import java.util.Optional;

/** Whatever stands there, as a tree: for what only later knowledge, of a table's columns say, makes sense of. */
public record AnyType(String says) implements ValueType<YamlNode> {

    @Override
    public Optional<YamlNode> read(YamlNode node, Reading reading) {
        return Optional.of(node);
    }

    @Override
    public Map<String, Object> jsonSchema(Map<String, Object> definitions) {
        return Map.of();
    }
}
