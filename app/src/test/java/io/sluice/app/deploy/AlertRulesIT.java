package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus' own tool reads the rules, and plays series to them. */
class AlertRulesIT {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void eachRuleRingsWhenItIsToAndNotBefore() throws Exception {
        Tool.run(folder.resolve("out"), "promtool", "check", "rules", "deploy/prometheus/sluice-alerts.yaml");
        Tool.run(folder.resolve("out"), "promtool", "test", "rules", "deploy/prometheus/sluice-alerts-test.yaml");
        String rules = Files.readString(Tool.ROOT.resolve("deploy/prometheus/sluice-alerts.yaml"));
        String tests = Files.readString(Tool.ROOT.resolve("deploy/prometheus/sluice-alerts-test.yaml"));
        assertThat(rules.lines().filter(line -> line.contains("- alert: ")))
                .as("rules without a test that makes them ring")
                .allMatch(line -> tests.contains("      - alertname: " + line.substring(line.indexOf(": ") + 2)));
    }

    @Test
    void prometheusOfTheComposeFileReadsItsSettings() throws Exception {
        // Its paths are those of the container, so only what it says is checked.
        Tool.run(
                folder.resolve("out"), "promtool", "check", "config", "--syntax-only", "deploy/compose/prometheus.yml");
    }
}
