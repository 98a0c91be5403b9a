package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A map of known keys.
 *
 * @param name what it is called in the reference and in the JSON Schema, {@code table} say
 */
public record Shape(String name, String description, List<Key<?>> keys) implements ValueType<Section> {

    public Shape {
        keys = List.copyOf(keys);
        if (keys.stream().map(Key::name).distinct().count() != keys.size()) {
            throw new IllegalArgumentException(name + " describes a key twice");
        }
    }

    @Override
    public Optional<Section> read(YamlNode node, Reading reading) {
        // A key with nothing under it, "username:" say, is a map without entries.
        if (node instanceof YamlNode.Scalar scalar && scalar.isNothing()) {
            return Optional.of(read(new YamlNode.Entries(List.of(), node.place(), 1, 1), reading, List.of()));
        }
        if (!(node instanceof YamlNode.Entries entries)) {
            reading.problem(node.place(), "takes a map of keys (" + keyNames() + "), not " + node.says(), "");
            return Optional.empty();
        }
        return Optional.of(read(entries, reading, entries.entries()));
    }

    private Section read(YamlNode node, Reading reading, List<YamlNode.Entry> entries) {
        Map<String, Section.Value> values = new HashMap<>();
        for (YamlNode.Entry entry : entries) {
            Optional<Key<?>> key = key(entry.key());
            Reading under = reading.under(entry.key(), entry.key());
            if (key.isEmpty()) {
                under.problem(entry.keyPlace(), "unknown key", DidYouMean.suggest(entry.key(), names()));
                // So that a mistyped key is not reported as a missing one too.
                DidYouMean.nearest(entry.key(), names())
                        .ifPresent(meant ->
                                values.putIfAbsent(meant, new Section.Value(Optional.empty(), entry.keyPlace())));
                continue;
            }
            under.set(entry.keyPlace());
            Place place = entry.value() instanceof YamlNode.Entries
                            || entry.value().place().line() == 0
                    ? entry.keyPlace()
                    : entry.value().place();
            values.put(
                    entry.key(),
                    new Section.Value(
                            key.get().type().read(entry.value(), under).map(value -> (Object) value), place));
        }
        for (Key<?> key : keys) {
            if (key.required() && !values.containsKey(key.name())) {
                reading.problem(node.place(), "lacks the key \"" + key.name() + "\"", "");
            }
        }
        return new Section(this, node.place(), reading, values);
    }

    private Optional<Key<?>> key(String wanted) {
        for (Key<?> key : keys) {
            if (key.name().equals(wanted)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    private List<String> names() {
        return keys.stream().map(Key::name).toList();
    }

    private String keyNames() {
        List<String> names = names();
        return names.size() <= 6 ? String.join(", ", names) : String.join(", ", names.subList(0, 6)) + ", …";
    }

    @Override
    public Map<String, Object> jsonSchema(Map<String, Object> definitions) {
        if (!definitions.containsKey(name)) {
            Map<String, Object> schema = new LinkedHashMap<>();
            definitions.put(name, schema);
            schema.putAll(jsonObject(definitions));
        }
        return Map.of("$ref", "#/$defs/" + name);
    }

    /** Its JSON Schema written out rather than referred to. */
    public Map<String, Object> jsonObject(Map<String, Object> definitions) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Key<?> key : keys) {
            Map<String, Object> property = new LinkedHashMap<>(key.type().jsonSchema(definitions));
            property.put(
                    "description",
                    key.description() + (key.fallback().isEmpty() ? "" : " Left out: " + key.fallback() + "."));
            properties.put(key.name(), property);
            if (key.required()) {
                required.add(key.name());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        // An entry with nothing under it is one without keys.
        schema.put("type", required.isEmpty() ? List.of("object", "null") : "object");
        schema.put("description", description);
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
        return schema;
    }

    @Override
    public String says() {
        return "a " + name;
    }
}
