package io.sluice.platform.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One figure that a stage publishes: made in one place, so that its meaning is written down where its name is.
 *
 * @param name as Micrometer has it, {@code sluice.sink.rows}
 * @param tags what tells several of it apart, in the order in which they are documented
 * @param meaning for the reference
 */
public record Metric(Kind kind, String name, List<String> tags, String meaning) {

    public Metric {
        tags = List.copyOf(tags);
    }

    /** What can be done with it. */
    public enum Kind {
        COUNTER("counter", "_total"),
        GAUGE("gauge", ""),
        TIMER("summary", "_seconds"),
        SIZES("summary", "");

        private final String text;
        private final String suffix;

        Kind(String text, String suffix) {
            this.text = text;
            this.suffix = suffix;
        }

        /** As Prometheus calls it. */
        public String text() {
            return text;
        }
    }

    public static Metric counter(String name, String meaning, String... tags) {
        return new Metric(Kind.COUNTER, name, List.of(tags), meaning);
    }

    public static Metric gauge(String name, String meaning, String... tags) {
        return new Metric(Kind.GAUGE, name, List.of(tags), meaning);
    }

    public static Metric timer(String name, String meaning, String... tags) {
        return new Metric(Kind.TIMER, name, List.of(tags), meaning);
    }

    public static Metric sizes(String name, String meaning, String... tags) {
        return new Metric(Kind.SIZES, name, List.of(tags), meaning);
    }

    /** As it stands in what Prometheus reads. */
    public String prometheusName() {
        return name.replace('.', '_') + kind.suffix;
    }

    public Counter counter(MeterRegistry registry, Tags of) {
        return Counter.builder(name)
                .description(meaning)
                .tags(checked(Kind.COUNTER, of))
                .register(registry);
    }

    public <T> Gauge gauge(MeterRegistry registry, Tags of, T source, ToDoubleFunction<T> value) {
        return Gauge.builder(name, source, value)
                .description(meaning)
                .tags(checked(Kind.GAUGE, of))
                .register(registry);
    }

    public Timer timer(MeterRegistry registry, Tags of) {
        return Timer.builder(name)
                .description(meaning)
                .tags(checked(Kind.TIMER, of))
                .register(registry);
    }

    public DistributionSummary sizes(MeterRegistry registry, Tags of) {
        return DistributionSummary.builder(name)
                .description(meaning)
                .tags(checked(Kind.SIZES, of))
                .register(registry);
    }

    private Tags checked(Kind asked, Tags of) {
        List<String> given = of.stream().map(Tag::getKey).sorted().toList();
        if (asked != kind || !given.equals(tags.stream().sorted().toList())) {
            throw new IllegalArgumentException(
                    name + " is a " + kind + " with " + tags + ", not a " + asked + " with " + given);
        }
        return of;
    }
}
