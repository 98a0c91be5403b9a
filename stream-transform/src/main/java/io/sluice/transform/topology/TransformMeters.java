package io.sluice.transform.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.platform.deadletter.Reason;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
    private final Map<TargetTable, Map<String, LongAdder>> drift = new ConcurrentHashMap<>();
    private final Set<List<String>> told = ConcurrentHashMap.newKeySet();

    TransformMeters(MeterRegistry registry, String pipeline, String service) {
        this.registry = registry;
        this.pipeline = pipeline;
        this.service = service;
        TransformMetrics.PARKED_KEYS.gauge(registry, tags(), parkedKeys, LongAdder::sum);
        TransformMetrics.PARKED_RECORDS.gauge(registry, tags(), parkedRecords, LongAdder::sum);
    }

    private Tags tags() {
        return Tags.of("pipeline", pipeline, "service", service);
    }

    Runnable changesOf(TableId table) {
        Counter counter = TransformMetrics.CHANGES.counter(registry, tags().and("table", table.toString()));
        return () -> {
            counter.increment();
            changes.increment();
        };
    }

    Runnable rowsOf(TargetTable table) {
        Counter counter = TransformMetrics.ROWS.counter(registry, tags().and("table", table.toString()));
        return () -> {
            counter.increment();
            rows.increment();
        };
    }

    /** Rare, so looked up each time. */
    void deadLetter(Reason reason) {
        TransformMetrics.DEAD_LETTERS
                .counter(registry, tags().and("reason", reason.text()))
                .increment();
        deadLetters.computeIfAbsent(reason, first -> new LongAdder()).increment();
    }

    void parkedKeys(int more) {
        parkedKeys.add(more);
    }

    void parkedRecords(int more) {
        parkedRecords.add(more);
    }

    /** Changes that carried a column or field which the table's mapping leaves out without being told to. */
    Runnable leftOut(TargetTable table, String name) {
        Counter counter =
                TransformMetrics.DRIFT.counter(registry, tags().and("table", table.toString(), "column", name));
        LongAdder count = drift.computeIfAbsent(table, first -> new ConcurrentHashMap<>())
                .computeIfAbsent(name, first -> new LongAdder());
        return () -> {
            counter.increment();
            count.increment();
        };
    }

    /** Whether nobody in this process has told that yet. */
    boolean isNews(TargetTable table, String name) {
        return told.add(List.of(table.toString(), name));
    }

    TransformProgress progress() {
        Map<Reason, Long> letters = new EnumMap<>(Reason.class);
        deadLetters.forEach((reason, count) -> letters.put(reason, count.sum()));
        Map<TargetTable, Map<String, Long>> leftOut = new HashMap<>();
        drift.forEach((table, columns) -> {
            Map<String, Long> counts = new TreeMap<>();
            columns.forEach((column, count) -> counts.put(column, count.sum()));
            leftOut.put(table, counts);
        });
        return new TransformProgress(changes.sum(), rows.sum(), letters, parkedKeys.sum(), leftOut);
    }
}
