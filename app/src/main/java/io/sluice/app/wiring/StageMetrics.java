package io.sluice.app.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.ops.Metric;
import java.util.List;
import java.util.function.Predicate;

/** What every stage publishes of itself, whichever it is. */
public final class StageMetrics {

    private static final Metric RUNNING = Metric.gauge(
            "sluice.stage.running",
            "1 while the stage does its work; 0 while it starts, waits for a server or has halted.",
            "pipeline",
            "stage");
    private static final Metric HALTED = Metric.gauge(
            "sluice.stage.halted",
            "1 once the stage has halted: it stays so until somebody mends the cause and starts its process again.",
            "pipeline",
            "stage");

    private static final Metric PAUSED = Metric.gauge(
            "sluice.stage.paused",
            "1 while the stage does nothing because an operator paused its source or service.",
            "pipeline",
            "stage");

    public static final List<Metric> ALL = List.of(RUNNING, HALTED, PAUSED);

    private StageMetrics() {}

    /** Publishes the states of these stages. */
    static void publish(MeterRegistry meters, String pipeline, List<Stage> stages, Predicate<Stage> paused) {
        for (Stage stage : stages) {
            Tags of = Tags.of("pipeline", pipeline, "stage", stage.name());
            RUNNING.gauge(meters, of, stage, each -> is(each, StageState.RUNNING));
            HALTED.gauge(meters, of, stage, each -> is(each, StageState.HALTED));
            PAUSED.gauge(meters, of, stage, each -> paused.test(each) ? 1 : 0);
        }
    }

    private static int is(Stage stage, StageState state) {
        return stage.status().state() == state ? 1 : 0;
    }
}
