package io.sluice.transform.mapping.version;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.transform.mapping.version.TableVersion.ColumnVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A version as it is kept. */
public final class VersionJson {

    private static final int FORM = 1;

    private final ObjectMapper mapper = new ObjectMapper();

    public String write(TableVersion version) {
        ObjectNode root = mapper.createObjectNode().put("form", FORM).put("fingerprint", version.fingerprint());
        ObjectNode columns = root.putObject("columns");
        new TreeMap<>(version.columns()).forEach((name, column) -> columns.putObject(name)
                .put("type", column.type())
                .put("nullable", column.nullable())
                .put("from", column.from()));
        version.key().forEach(root.putArray("key")::add);
        ObjectNode settings = root.putObject("settings");
        new TreeMap<>(version.settings()).forEach(settings::put);
        root.put("copies-new", version.copiesNew());
        root.put("on-drift", version.onDrift().name().toLowerCase(Locale.ROOT));
        root.put("left-out", version.leftOut());
        ObjectNode known = root.putObject("known");
        new TreeMap<>(version.known()).forEach((source, names) -> {
            ArrayNode list = known.putArray(source);
            names.forEach(list::add);
        });
        return root.toString();
    }

    /** @throws IllegalArgumentException if it is none, or of a form that only a later program knows */
    public TableVersion read(String text) {
        try {
            JsonNode root = mapper.readTree(text);
            if (root.path("form").asInt() != FORM) {
                throw new IllegalArgumentException("it is of form " + root.path("form"));
            }
            Map<String, ColumnVersion> columns = new HashMap<>();
            root.path("columns")
                    .properties()
                    .forEach(each -> columns.put(
                            each.getKey(),
                            new ColumnVersion(
                                    each.getValue().path("type").asText(),
                                    each.getValue().path("nullable").asBoolean(),
                                    each.getValue().path("from").asText())));
            Map<String, String> settings = new HashMap<>();
            root.path("settings")
                    .properties()
                    .forEach(each -> settings.put(each.getKey(), each.getValue().asText()));
            Map<String, List<String>> known = new HashMap<>();
            root.path("known").properties().forEach(each -> known.put(each.getKey(), texts(each.getValue())));
            return new TableVersion(
                    columns,
                    texts(root.path("key")),
                    settings,
                    root.path("copies-new").asBoolean(),
                    DriftPolicy.valueOf(root.path("on-drift").asText().toUpperCase(Locale.ROOT)),
                    known,
                    root.path("left-out").asBoolean());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
