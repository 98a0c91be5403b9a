package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.Says;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference lists exactly the keys that the reader knows. Run with {@code -Dgolden.update=true} to bring it up to date. */
class PipelineReferenceTest {

    private static final Path REFERENCE = Path.of("../docs/reference/pipeline-file.md");
    private static final String MARKER = "## The keys\n";

    @Test
    void theReferenceSaysWhatTheReaderKnows() throws Exception {
        String text = Files.readString(REFERENCE);
        String before = text.substring(0, text.indexOf(MARKER) + MARKER.length());
        String wanted = before + keys();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(REFERENCE, wanted);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(wanted);
    }

    @Test
    void theSmallestFileOfTheReferenceIsValid() throws Exception {
        MatchResult yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REFERENCE))
                .results()
                .findFirst()
                .orElseThrow();

        PipelineResult result = new PipelineReader(MistakesTest.ENVIRONMENT, ExpressionChecker.trusting())
                .read(yaml.group(1), "pipeline.yaml");

        assertThat(PipelineReport.render(result))
                .isEqualTo("pipeline.yaml is valid: pipeline shop, 1 source, 1 service, 1 table\n");
    }

    @Test
    void theSplitOfTheReferenceIsValid() throws Exception {
        MatchResult yaml = Pattern.compile("```yaml\n(order_lots:\n.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REFERENCE))
                .results()
                .findFirst()
                .orElseThrow();
        String file =
                """
                pipeline: shop
                sources: {monolith: {postgresql: "${env:MONOLITH_URL}"}}
                services:
                  orders:
                    target: {postgresql: "${env:ORDERS_URL}"}
                    tables:
                """
                        + yaml.group(1).indent(6);

        PipelineResult result =
                new PipelineReader(MistakesTest.ENVIRONMENT, ExpressionChecker.trusting()).read(file, "pipeline.yaml");

        assertThat(PipelineReport.render(result))
                .isEqualTo("pipeline.yaml is valid: pipeline shop, 1 source, 1 service, 1 table\n");
    }

    @Test
    void theProblemsOfTheReferenceAreTheReadersOwnWords() throws Exception {
        String text =
                """
                pipeline: shop
                sources:
                  monolith: {postgresql: "${env:MONOLITH_URL}"}
                services:
                  orders:
                    target: {postgresql: "${env:ORDERS_URL}"}
                    tables:
                      orders:
                        form: monolith.public.orders
                        reconcile: {every: 5 minutes}
                """;
        PipelineResult result =
                new PipelineReader(MistakesTest.ENVIRONMENT, ExpressionChecker.trusting()).read(text, "pipeline.yaml");

        assertThat(Files.readString(REFERENCE))
                .contains(PipelineReport.render(result).indent(4));
    }

    private static String keys() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        collect(PipelinePart.SHAPE, shapes);
        StringBuilder text = new StringBuilder();
        for (Shape shape : shapes.values()) {
            text.append("\n### ").append(shape.name()).append("\n\n").append(shape.description());
            text.append("\n\n| key | type | left out | meaning |\n| --- | --- | --- | --- |\n");
            for (Key<?> key : shape.keys()) {
                text.append("| `%s` | %s | %s | %s |\n"
                        .formatted(
                                key.name(),
                                says(key.type()),
                                key.required() ? "**required**" : key.fallback(),
                                key.description()));
            }
        }
        return text.toString();
    }

    private static void collect(ValueType<?> type, Map<String, Shape> shapes) {
        if (type instanceof Shape shape && shapes.putIfAbsent(shape.name(), shape) == null) {
            shape.keys().forEach(key -> collect(key.type(), shapes));
        } else if (type instanceof MapType<?> map) {
            collect(map.value(), shapes);
        } else if (type instanceof ListType<?> list) {
            collect(list.item(), shapes);
        }
    }

    private static String says(ValueType<?> type) {
        if (type instanceof Shape shape) {
            return "[%s](#%s)".formatted(shape.name(), shape.name());
        }
        if (type instanceof MapType<?> map) {
            return "map of %s names to %s".formatted(map.rule().says(), says(map.value()));
        }
        if (type instanceof ListType<?> list && list.item() instanceof Shape shape && list.singleAllowed()) {
            return says(shape) + ", or a list of them";
        }
        return Says.bare(type);
    }
}
