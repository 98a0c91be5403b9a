package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.wiring.StageMetrics;
import io.sluice.platform.ops.Metric;
import io.sluice.sink.SinkMetrics;
import io.sluice.source.engine.SourceMetrics;
import io.sluice.transform.topology.TransformMetrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the processes publish, for tests of those who read it. */
public final class PublishedMetrics {

    private static final Pattern METRIC = Pattern.compile("sluice_[a-z_]+");
    private static final Pattern GROUPED = Pattern.compile("by \\(([a-z, ]+)\\)");

    private PublishedMetrics() {}

    static Stream<Metric> all() {
        return Stream.of(StageMetrics.ALL, SourceMetrics.ALL, TransformMetrics.ALL, SinkMetrics.ALL)
                .flatMap(List::stream);
    }

    private static Set<String> names(Metric metric) {
        String name = metric.prometheusName();
        return switch (metric.kind()) {
            case COUNTER, GAUGE -> Set.of(name);
            case TIMER, SIZES -> Set.of(name + "_count", name + "_sum", name + "_max");
        };
    }

    /**
     * Checks that an expression reads what is published, and groups by labels that it has.
     *
     * @return the labels that it groups by
     */
    public static Set<String> check(String expression, String of) {
        Set<String> labels = new HashSet<>();
        GROUPED.matcher(expression)
                .results()
                .forEach(found -> labels.addAll(List.of(found.group(1).split(", "))));
        List<String> names =
                METRIC.matcher(expression).results().map(found -> found.group()).toList();
        assertThat(names).as(of).isNotEmpty();
        for (String name : names) {
            assertThat(all().filter(metric -> names(metric).contains(name)))
                    .as("%s in %s", name, of)
                    .singleElement()
                    .satisfies(metric -> assertThat(metric.tags()).containsAll(labels));
        }
        return labels;
    }
}
