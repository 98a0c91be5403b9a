package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.app.PublishedMetrics;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A panel over what nobody publishes stays empty, and looks like good news. */
class DashboardFileTest {

    @Test
    void everyPanelReadsWhatIsPublished() throws IOException {
        JsonNode board = new JsonMapper()
                .readTree(Tool.ROOT
                        .resolve("deploy/grafana/dashboards/sluice.json")
                        .toFile());
        Set<Integer> ids = new HashSet<>();
        int queries = 0;
        for (JsonNode panel : board.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            for (JsonNode target : panel.path("targets")) {
                String title = panel.path("title").asText();
                Set<String> labels =
                        PublishedMetrics.check(target.path("expr").asText().replace("$__rate_interval", "1m"), title);
                java.util.regex.Pattern.compile("\\{\\{([a-z]+)}}")
                        .matcher(target.path("legendFormat").asText())
                        .results()
                        .forEach(shown ->
                                assertThat(labels).as("what %s shows", title).contains(shown.group(1)));
                queries++;
            }
        }
        assertThat(queries).isGreaterThan(20);
        for (JsonNode variable : board.path("templating").path("list")) {
            PublishedMetrics.check(
                    variable.path("definition").asText(), variable.path("name").asText());
        }
    }
}
