package io.sluice.app.demo;

import io.sluice.app.wiring.PipelineRun;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.SinkProgress;
import io.sluice.sink.SinkStage;
import io.sluice.source.engine.SourceProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Gathers from the stages how far each service is. */
final class ProgressReader {

    private final Pipeline pipeline;
    private final PipelineRun run;

    ProgressReader(Pipeline pipeline, PipelineRun run) {
        this.pipeline = pipeline;
        this.run = run;
    }

    Progress read() {
        Map<TableId, SourceProgress.Table> loads = new HashMap<>();
        run.sources()
                .values()
                .forEach(source -> source.progress().tables().forEach(table -> loads.put(table.table(), table)));
        List<Progress.Service> services = new ArrayList<>();
        for (ServiceSpec service : pipeline.services()) {
            SinkStage sink = run.sinks().get(service.name());
            if (sink != null) {
                services.add(service(service, sink.progress(), loads));
            }
        }
        return new Progress(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), services);
    }

    private static Progress.Service service(
            ServiceSpec service, SinkProgress sink, Map<TableId, SourceProgress.Table> loads) {
        long rows = sink.tables().stream()
                .mapToLong(table -> table.upserted() + table.deleted())
                .sum();
        int percent = (int) service.reads().stream()
                .mapToInt(table -> percent(loads.get(table)))
                .average()
                .orElse(0);
        return new Progress.Service(
                service.name(),
                service.tables().size(),
                percent,
                rows,
                sink.lagRecords() > 0 ? sink.lagMillis() : sink.latencyMillis());
    }

    private static int percent(SourceProgress.@Nullable Table table) {
        if (table == null || table.state() == SourceProgress.State.WAITING) {
            return 0;
        }
        if (table.state() != SourceProgress.State.LOADING) {
            return 100;
        }
        // An estimate may be too low; only the end of the load is the end.
        return table.rowsEstimated() <= 0
                ? 0
                : Math.toIntExact(Math.min(99, table.rowsRead() * 100 / table.rowsEstimated()));
    }
}
