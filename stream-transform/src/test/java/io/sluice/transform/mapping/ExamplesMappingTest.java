package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples' tables that are made of documents can be mapped, but for what is named here. */
class ExamplesMappingTest {

    private static List<String> problems(String example) throws Exception {
        Path file = Path.of("../examples/" + example + "/pipeline.yaml");
        String text = Files.readString(file).replaceAll("\\$\\{file:[^}]*}", "\\${env:FILE}");
        Map<String, String> environment = new HashMap<>();
        Matcher names = Pattern.compile("\\$\\{env:([A-Z_]+)}").matcher(text);
        while (names.find()) {
            environment.put(
                    names.group(1),
                    names.group(1).endsWith("URI") || names.group(1).equals("FILE")
                            ? "mongodb://host/"
                            : "postgresql://host/" + names.group(1));
        }
        environment.put("KAFKA_BOOTSTRAP", "host:9092");
        environment.put("REGISTRY_URL", "http://host:8081");
        PipelineResult result =
                new PipelineReader(environment, ExpressionChecker.trusting()).read(text, "pipeline.yaml");
        assertThat(result.problems()).isEmpty();
        Pipeline pipeline = result.pipeline().orElseThrow();
        List<String> problems = new ArrayList<>();
        for (ServiceSpec service : pipeline.services()) {
            for (TableSpec table : service.tables()) {
                TableId source = table.from().get(0);
                if (!source.schema().equals("tradingagents")) {
                    continue;
                }
                RowSchema row = new RowSchema(
                        source.table(),
                        List.of(required("_id", Simple.TEXT, "text"), column("document", Simple.DOCUMENT, "document")),
                        List.of("_id"));
                if (Mapping.compile(service, table, new SourceTable(source, row, false))
                        instanceof Compilation.Refused refused) {
                    refused.problems().forEach(problem -> problems.add(problem.path() + ": " + problem.message()));
                }
            }
        }
        return problems;
    }

    @Test
    void aDatabaseOfDocuments() throws Exception {
        assertThat(problems("tradingagents")).isEmpty();
    }

    @Test
    void mostOfWhatAFileCanSay() throws Exception {
        // What is asked of deletes and truncates is refused by name, whatever is mapped.
        assertThat(problems("full")).allMatch(problem -> problem.matches("\\S+\\.(deletes|on-truncate): .*"));
    }
}
