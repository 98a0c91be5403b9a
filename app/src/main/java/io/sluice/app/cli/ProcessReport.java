package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.app.wiring.PipelineRun;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.ops.OpsContent;
import io.sluice.sink.SinkProgress;
import io.sluice.source.engine.SourceProgress;
import io.sluice.transform.topology.TransformProgress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the stages of this process are doing. Names tables and states, never a value of a row. */
final class ProcessReport implements OpsContent {

    private static final JsonMapper JSON = new JsonMapper();
    private static final double MILLIS_PER_SECOND = 1e3;

    private final String pipeline;
    private final PipelineRun run;
    private final PrometheusMeterRegistry meters;

    ProcessReport(String pipeline, PipelineRun run, PrometheusMeterRegistry meters) {
        this.pipeline = pipeline;
        this.run = run;
        this.meters = meters;
    }

    @Override
    public boolean isReady() {
        return run.stages().stream().allMatch(stage -> stage.status().state() == StageState.RUNNING);
    }

    @Override
    public String metrics() {
        return meters.scrape();
    }

    @Override
    public String status() {
        ObjectNode report = JSON.createObjectNode();
        report.put("pipeline", pipeline).put("ready", isReady());
        ArrayNode stages = report.putArray("stages");
        run.stages().forEach(stage -> stage(stages.addObject(), stage));
        ArrayNode tables = report.putArray("sourceTables");
        run.loads().forEach(table -> table(tables.addObject(), table));
        ArrayNode transforms = report.putArray("transforms");
        run.transforms().forEach((service, progress) -> transform(transforms.addObject(), service, progress));
        ArrayNode sinks = report.putArray("sinks");
        run.sinks().forEach((service, sink) -> sink(sinks.addObject(), service, sink.progress()));
        return report.toPrettyString() + "\n";
    }

    private static void stage(ObjectNode into, Stage stage) {
        StageStatus status = stage.status();
        into.put("name", stage.name()).put("state", word(status.state()));
        cause(into, status.cause());
    }

    private static void cause(ObjectNode into, @Nullable SluiceException cause) {
        if (cause != null) {
            into.putObject("cause")
                    .put("code", cause.code())
                    .put("problem", cause.problem())
                    .put("place", cause.place())
                    .put("remedy", cause.remedy());
        }
    }

    private static void table(ObjectNode into, SourceProgress.Table table) {
        into.put("table", table.table().toString())
                .put("state", word(table.state()))
                .put("changes", table.changes())
                .put("rowsRead", table.rowsRead());
        if (table.rowsEstimated() >= 0) {
            into.put("rowsEstimated", table.rowsEstimated());
        }
        table.percent().ifPresent(percent -> into.put("percent", percent));
        table.timeLeft().ifPresent(left -> into.put("secondsLeft", left.toSeconds()));
        cause(into, table.halt());
    }

    private static void transform(ObjectNode into, String service, TransformProgress progress) {
        into.put("service", service)
                .put("changes", progress.changes())
                .put("rows", progress.rows())
                .put("parkedKeys", progress.parkedKeys());
        ObjectNode letters = into.putObject("deadLetters");
        progress.deadLetters().forEach((reason, count) -> letters.put(reason.text(), count));
    }

    private static void sink(ObjectNode into, String service, SinkProgress progress) {
        into.put("service", service)
                .put("lagRecords", progress.lagRecords())
                .put("lagSeconds", progress.lagMillis() / MILLIS_PER_SECOND)
                .put("loading", progress.loading());
        if (progress.latencyMillis() >= 0) {
            into.put("latencySeconds", progress.latencyMillis() / MILLIS_PER_SECOND);
        }
        ArrayNode tables = into.putArray("tables");
        progress.tables().forEach(table -> tables.addObject()
                .put("table", table.table().toString())
                .put("upserted", table.upserted())
                .put("deleted", table.deleted()));
    }

    private static String word(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
