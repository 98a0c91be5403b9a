package io.sluice.transform.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a service's transform has done since its process started. A record whose transaction was aborted counts each time: these
 * are figures of work, not of rows.
 */
final class TransformMeters {

    private final MeterRegistry registry;
    private final String pipeline;
    private final String service;
    private final LongAdder changes = new LongAdder();
    private final LongAdder rows = new LongAdder();

    TransformMeters(MeterRegistry registry, String pipeline, String service) {
        this.registry = registry;
        this.pipeline = pipeline;
        this.service = service;
    }

    Runnable changesOf(TableId table) {
        Counter counter = Counter.builder("sluice.transform.changes")
                .description("changes read")
                .tags("pipeline", pipeline, "service", service, "table", table.toString())
                .register(registry);
        return () -> {
            counter.increment();
            changes.increment();
        };
    }

    Runnable rowsOf(TargetTable table) {
        Counter counter = Counter.builder("sluice.transform.rows")
                .description("row records written")
                .tags("pipeline", pipeline, "service", service, "table", table.toString())
                .register(registry);
        return () -> {
            counter.increment();
            rows.increment();
        };
    }

    TransformProgress progress() {
        return new TransformProgress(changes.sum(), rows.sum());
    }
}
