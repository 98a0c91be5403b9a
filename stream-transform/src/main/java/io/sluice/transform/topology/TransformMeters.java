package io.sluice.transform.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.deadletter.Reason;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private final Map<Reason, LongAdder> deadLetters = new ConcurrentHashMap<>();
    private final LongAdder parkedKeys = new LongAdder();
    private final LongAdder parkedRecords = new LongAdder();
    private final LongAdder drift = new LongAdder();

    TransformMeters(MeterRegistry registry, String pipeline, String service) {
        this.registry = registry;
        this.pipeline = pipeline;
        this.service = service;
        gauge("sluice.transform.parked.keys", "keys whose changes wait behind a dead letter of theirs", parkedKeys);
        gauge("sluice.transform.parked.records", "changes that wait behind a dead letter of their key", parkedRecords);
    }

    private void gauge(String name, String description, LongAdder value) {
        Gauge.builder(name, value, LongAdder::sum)
                .description(description)
                .tags("pipeline", pipeline, "service", service)
                .register(registry);
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

    /** Rare, so looked up each time. */
    void deadLetter(Reason reason) {
        Counter.builder("sluice.transform.dead.letters")
                .description("records written to the dead letters")
                .tags("pipeline", pipeline, "service", service, "reason", reason.text())
                .register(registry)
                .increment();
        deadLetters.computeIfAbsent(reason, first -> new LongAdder()).increment();
    }

    void parkedKeys(int more) {
        parkedKeys.add(more);
    }

    void parkedRecords(int more) {
        parkedRecords.add(more);
    }

    /** A table's changes come in a shape that was not met before, which is not the first. */
    void drift(TableId table) {
        Counter.builder("sluice.transform.drift")
                .description("shapes of a table beyond the first that this process met")
                .tags("pipeline", pipeline, "service", service, "table", table.toString())
                .register(registry)
                .increment();
        drift.increment();
    }

    TransformProgress progress() {
        Map<Reason, Long> letters = new EnumMap<>(Reason.class);
        deadLetters.forEach((reason, count) -> letters.put(reason, count.sum()));
        return new TransformProgress(changes.sum(), rows.sum(), letters, parkedKeys.sum(), drift.sum());
    }
}
