package io.sluice.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What is done to an example's source while its pipeline runs, and what its targets hold then: {@code end-to-end.yaml} beside the
 * pipeline file.
 *
 * @param pipeline the file's name
 * @param replace what this version can't run yet, and what stands in its place
 */
record ExampleScript(String pipeline, Map<String, String> replace, List<Step> steps) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Done at once; then every expectation must come to hold.
     *
     * @param demoRows about so many rows in the tables of the demo's monolith; 0 makes none
     * @param sql for the source, where it is PostgreSQL
     * @param commands for the source, where it is MongoDB
     * @param foreign what others write into targets before that, by the variable that holds the target's address
     * @param deadLetters for services, what is said of each letter since the beginning
     */
    record Step(
            String name,
            long demoRows,
            String sql,
            List<String> commands,
            Map<String, String> foreign,
            List<Expectation> expected,
            Map<String, List<String>> deadLetters) {}

    /**
     * Rows of a target.
     *
     * @param target the variable that holds its address
     * @param query of the target
     * @param source the query of the source that gives the same; null where the rows themselves are told
     */
    record Expectation(String target, String query, @Nullable String source, List<String> rows) {}

    static ExampleScript read(Path file) throws IOException {
        Object read = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
        JsonNode script = JSON.valueToTree(read);
        return new ExampleScript(
                script.path("pipeline").asText("pipeline.yaml"),
                map(script.path("replace"), JsonNode::asText),
                list(script.path("steps"), ExampleScript::step));
    }

    private static Step step(JsonNode step) {
        List<Expectation> expected = new ArrayList<>();
        map(step.path("equal"), tables -> list(tables, JsonNode::asText))
                .forEach((target, tables) -> tables.forEach(table -> expected.add(whole(target, table))));
        expected.addAll(list(step.path("expect"), ExampleScript::expectation));
        return new Step(
                step.path("name").asText(),
                step.path("demo-rows").asLong(),
                step.path("sql").asText(),
                list(step.path("commands"), JsonNode::toString),
                map(step.path("foreign"), JsonNode::asText),
                expected,
                map(step.path("dead-letters"), letters -> list(letters, JsonNode::asText)));
    }

    private static Expectation whole(String target, String table) {
        String all = "SELECT * FROM " + table;
        return new Expectation(target, all, all, List.of());
    }

    private static Expectation expectation(JsonNode expectation) {
        return new Expectation(
                expectation.path("target").asText(),
                expectation.path("query").asText(),
                expectation.has("source") ? expectation.path("source").asText() : null,
                list(expectation.path("rows"), JsonNode::asText));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
        List<T> list = new ArrayList<>();
        array.forEach(node -> list.add(each.apply(node)));
        return list;
    }

    private static <T> Map<String, T> map(JsonNode object, Function<JsonNode, T> each) {
        Map<String, T> map = new LinkedHashMap<>();
        object.properties().forEach(field -> map.put(field.getKey(), each.apply(field.getValue())));
        return map;
    }
}
