package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {

    static final Path EXAMPLES = Path.of("../examples");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{env:([A-Z_]+)}");

    @TempDir
    Path folder;

    static List<Path> examples() throws Exception {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.endsWith("pipeline.yaml")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsValid(Path example) throws Exception {
        Files.writeString(folder.resolve("mongo-uri"), "mongodb://reader:secret@mongo-1:27017/?replicaSet=rs0\n");
        Path copy = Files.copy(example, folder.resolve("pipeline.yaml"));

        PipelineResult result =
                new PipelineReader(environmentFor(Files.readString(example)), ExpressionChecker.trusting()).read(copy);

        assertThat(PipelineReport.render(result)).contains(" is valid: ");
    }

    @Test
    void theMonolithSplitsIntoFiveServicesAndNineTables() throws Exception {
        String text = Files.readString(EXAMPLES.resolve("monolith-split/pipeline.yaml"));

        PipelineResult result =
                new PipelineReader(environmentFor(text), ExpressionChecker.trusting()).read(text, "pipeline.yaml");

        assertThat(PipelineReport.render(result))
                .isEqualTo("pipeline.yaml is valid: pipeline monolith-split, 1 source, 5 services, 9 tables\n");
    }

    @Test
    void anOwnedTableThatItsOwnerForgotIsFound() throws Exception {
        String text = Files.readString(EXAMPLES.resolve("monolith-split/pipeline.yaml"));
        String forgetful = text.replace("      ai_calibration_log: {from: monolith.public.ai_calibration_log}\n", "");
        assertThat(forgetful).isNotEqualTo(text);

        PipelineResult result =
                new PipelineReader(environmentFor(text), ExpressionChecker.trusting()).read(forgetful, "pipeline.yaml");

        assertThat(PipelineReport.render(result))
                .contains("ai-decision owns public.ai_calibration_log and does not read it")
                .endsWith("pipeline.yaml: 1 problem\n");
    }

    /** An address of the right kind for every variable that a file asks for. */
    static Map<String, String> environmentFor(String text) {
        Map<String, String> environment = new HashMap<>();
        REFERENCE.matcher(text).results().map(match -> match.group(1)).forEach(name -> {
            String value = "secret";
            if (name.equals("KAFKA_BOOTSTRAP")) {
                value = "kafka-1:9092,kafka-2:9092";
            } else if (name.equals("REGISTRY_URL")) {
                value = "https://registry:8081";
            } else if (name.endsWith("_URI")) {
                value = "mongodb://reader:secret@mongo-1:27017/?replicaSet=rs0";
            } else if (name.endsWith("_URL")) {
                value = "postgresql://sluice:secret@db:5432/" + name.toLowerCase(java.util.Locale.ROOT);
            }
            environment.put(name, value);
        });
        return environment;
    }
}
