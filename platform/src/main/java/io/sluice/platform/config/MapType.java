package io.sluice.platform.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A map whose keys are names that the user chose. Entries that can't be read are left out, with a problem each; one whose name
 * alone is wrong is kept, so that what refers to it is not reported too.
 */
public record MapType<T>(NameRule rule, ValueType<T> value) implements ValueType<List<Named<T>>> {

    @Override
    public Optional<List<Named<T>>> read(YamlNode node, Reading reading) {
        if (!(node instanceof YamlNode.Entries entries)) {
            reading.problem(node.place(), "takes " + says() + ", not " + node.says(), "");
            return Optional.empty();
        }
        List<Named<T>> values = new ArrayList<>();
        for (YamlNode.Entry entry : entries.entries()) {
            Reading under = reading.under(entry.key(), "*");
            under.set(entry.keyPlace());
            try {
                rule.check(entry.key());
            } catch (Unreadable e) {
                under.problem(entry.keyPlace(), e.what(), e.suggestion());
            }
            value.read(entry.value(), under)
                    .ifPresent(read -> values.add(new Named<>(entry.key(), read, entry.keyPlace())));
        }
        // A map of which nothing could be read is not an empty one.
        return values.isEmpty() && !entries.entries().isEmpty() ? Optional.empty() : Optional.of(List.copyOf(values));
    }

    @Override
    public Map<String, Object> jsonSchema(Map<String, Object> definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        rule.form().ifPresent(form -> schema.put("propertyNames", Map.of("pattern", "^(?:" + form.pattern() + ")$")));
        schema.put("additionalProperties", value.jsonSchema(definitions));
        return schema;
    }

    @Override
    public String says() {
        return "a map of " + rule.says() + " names, each with " + value.says();
    }
}
