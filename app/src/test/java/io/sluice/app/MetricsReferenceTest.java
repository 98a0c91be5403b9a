package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.wiring.StageMetrics;
import io.sluice.platform.ops.Metric;
import io.sluice.sink.SinkMetrics;
import io.sluice.source.engine.SourceMetrics;
import io.sluice.transform.topology.TransformMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference of metrics is what the stages say of them. {@code -Dgolden.update=true} writes it anew. */
class MetricsReferenceTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path REFERENCE = ROOT.resolve("docs/metrics.md");

    @Test
    void theReferenceIsCurrent() throws IOException {
        String rendered = render();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(REFERENCE, rendered);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(rendered);
    }

    /** A figure that is made elsewhere would stand in no reference. */
    @Test
    void everyMeterIsMadeOfAMetric() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> others = files.filter(file -> file.toString().contains("src/main/java")
                            && file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("Metric.java"))
                    .filter(MetricsReferenceTest::makesMeters)
                    .toList();
            assertThat(others).isEmpty();
        }
    }

    private static boolean makesMeters(Path file) {
        try {
            String text = Files.readString(file);
            return Stream.of(
                                    "Counter.builder(",
                                    "Gauge.builder(",
                                    "Timer.builder(",
                                    "DistributionSummary.builder(",
                                    ".counter(\"",
                                    ".gauge(\"",
                                    ".timer(\"",
                                    ".summary(\"")
                            .anyMatch(text::contains)
                    && text.contains("io.micrometer");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String render() {
        StringBuilder text = new StringBuilder(
                """
                # Metrics

                Each process answers `/metrics` in Prometheus' format, at the address that it prints when it starts (`--listen`). Beside
                the figures below there are those of the Java virtual machine (`jvm_*`, `process_*`, `system_*`). A `summary` has
                `_count`, `_sum` and `_max`.
                """);
        stage(text, "every stage", StageMetrics.ALL);
        stage(text, "source", SourceMetrics.ALL);
        stage(text, "transform", TransformMetrics.ALL);
        stage(text, "sink", SinkMetrics.ALL);
        return text.toString();
    }

    private static void stage(StringBuilder text, String stage, List<Metric> metrics) {
        text.append("\n## ")
                .append(stage)
                .append("\n\n| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n");
        for (Metric metric : metrics) {
            text.append("| `")
                    .append(metric.prometheusName())
                    .append("` | ")
                    .append(metric.kind().text())
                    .append(" | ")
                    .append(metric.tags().stream().collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(metric.meaning())
                    .append(" |\n");
        }
    }
}
