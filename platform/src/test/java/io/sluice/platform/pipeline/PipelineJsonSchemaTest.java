package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class PipelineJsonSchemaTest {

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonSchema schema = FACTORY.getSchema(PipelineJsonSchema.render());

    static List<Path> validFiles() throws Exception {
        List<Path> files = new ArrayList<>(ExamplesTest.examples());
        files.add(Path.of("src/test/resources/pipelines/everything.yaml"));
        return files;
    }

    @Test
    void itIsASchemaOfDraft202012() throws Exception {
        JsonSchema meta = FACTORY.getSchema(SchemaLocation.of(SchemaId.V202012));

        assertThat(meta.validate(JSON.readTree(PipelineJsonSchema.render()))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("validFiles")
    void anEditorFindsNothingWrongWithAValidFile(Path file) throws Exception {
        assertThat(validate(Files.readString(file))).isEmpty();
    }

    @Test
    void anEditorFindsMistypedKeysAndWords() throws Exception {
        String text = Files.readString(ExamplesTest.EXAMPLES.resolve("full/pipeline.yaml"));

        assertThat(validate(text.replace("on-conflict:", "on_conflict:"))).hasSize(1);
        assertThat(validate(text.replace("consistency: strong", "consistency: strnog")))
                .hasSize(1);
        assertThat(validate(text.replace("every: 5m,", "every: 5 minutes,"))).hasSize(1);
        assertThat(validate(text.replace("pipeline: ai-trader", "pipeline: AI-Trader")))
                .hasSize(1);
        assertThat(validate(text.replace("bootstrap:", "boostrap:"))).hasSize(2);
        assertThat(validate(text.replace("partitions: 12", "partitions: 0"))).hasSize(1);
    }

    @Test
    void everyKeyHasADescription() throws Exception {
        JsonNode root = JSON.readTree(PipelineJsonSchema.render());

        root.get("$defs")
                .forEach(definition -> definition.get("properties").properties().forEach(property -> assertThat(
                                property.getValue().path("description").asText())
                        .as(property.getKey())
                        .isNotBlank()));
    }

    @Test
    void itIsTheSameEveryTime() {
        assertThat(PipelineJsonSchema.render()).isEqualTo(PipelineJsonSchema.render());
    }

    private Set<ValidationMessage> validate(String yaml) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        return schema.validate(JSON.valueToTree(tree));
    }
}
