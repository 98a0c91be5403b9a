package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** An alarm that watches what nobody publishes never rings. */
class AlertRulesTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SHOWN = Pattern.compile("\\$labels\\.([a-z]+)");

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> rules() throws IOException {
        Map<String, Object> file =
                (Map<String, Object>) new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(ROOT.resolve("deploy/prometheus/sluice-alerts.yaml")));
        List<Map<String, Object>> groups = (List<Map<String, Object>>) file.get("groups");
        return groups.stream()
                .flatMap(group -> ((List<Map<String, Object>>) group.get("rules")).stream())
                .toList();
    }

    @Test
    void everyRuleWatchesWhatIsPublishedWithTheLabelsThatItHas() throws IOException {
        List<Map<String, Object>> rules = rules();
        assertThat(rules).hasSizeGreaterThan(8);
        for (Map<String, Object> rule : rules) {
            Set<String> labels = PublishedMetrics.check(
                    rule.get("expr").toString(), rule.get("alert").toString());
            SHOWN.matcher(rule.toString()).results().forEach(found -> assertThat(labels)
                    .as("what %s shows", rule.get("alert"))
                    .contains(found.group(1)));
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyRuleLeadsToARunbookThatExists() throws IOException {
        for (Map<String, Object> rule : rules()) {
            Map<String, String> annotations = (Map<String, String>) rule.get("annotations");
            assertThat(annotations).containsKeys("summary", "description");
            String[] runbook = annotations.get("runbook").split("#", -1);
            String text = Files.readString(ROOT.resolve(runbook[0]));
            if (runbook.length > 1) {
                assertThat(text.lines().filter(line -> line.startsWith("#")).map(line -> line.replaceAll("^#+ ", "")
                                .toLowerCase(Locale.ROOT)
                                .replace(' ', '-')))
                        .contains(runbook[1]);
            }
        }
    }
}
