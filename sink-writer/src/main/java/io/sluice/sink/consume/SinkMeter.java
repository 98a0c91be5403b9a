package io.sluice.sink.consume;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.SinkProgress;
import io.sluice.sink.batch.Write;
import io.sluice.sink.parking.Separation.Effect;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What a sink has done, for people: as metrics and as a snapshot. Written by the worker, read by anyone. */
public final class SinkMeter implements AutoCloseable {

    private final MeterRegistry registry;
    private final Clock clock;
    private final Map<TargetTable, Counts> counts = new LinkedHashMap<>();
    private final Timer batches;
    private final DistributionSummary batchRecords;
    private final Counter repeats;
    private final Counter retries;
    private final Counter stale;
    private final Counter letters;
    private final List<Meter> gauges = new ArrayList<>();
    private volatile int held;
    private volatile long lagRecords = -1;
    private volatile long lastCommitMillis = Long.MIN_VALUE;
    private volatile long latencyMillis = -1;
    private volatile int loading;

    private record Counts(
            LongAdder upserted, LongAdder deleted, Counter upserts, Counter deletes, ConflictLog conflicts) {}

    public SinkMeter(MeterRegistry registry, Clock clock, String pipeline, ServiceSpec service) {
        this.registry = registry;
        this.clock = clock;
        Tags tags = Tags.of("pipeline", pipeline, "service", service.name());
        for (TableSpec spec : service.tables()) {
            TargetTable table = spec.target();
            Tags of = tags.and("table", table.toString());
            counts.put(
                    table,
                    new Counts(
                            new LongAdder(),
                            new LongAdder(),
                            registry.counter("sluice.sink.rows", of.and("operation", "upsert")),
                            registry.counter("sluice.sink.rows", of.and("operation", "delete")),
                            new ConflictLog(
                                    service.name() + "." + table,
                                    spec.conflict(),
                                    registry.counter("sluice.sink.conflicts", of))));
        }
        batches = registry.timer("sluice.sink.batch", tags);
        batchRecords = registry.summary("sluice.sink.batch.records", tags);
        repeats = registry.counter("sluice.sink.repeats", tags);
        retries = registry.counter("sluice.sink.retries", tags);
        stale = registry.counter("sluice.sink.stale", tags);
        letters = registry.counter("sluice.sink.letters", tags);
        gauges.add(Gauge.builder("sluice.sink.parked.records", this, meter -> meter.held)
                .tags(tags)
                .register(registry));
        gauges.add(Gauge.builder("sluice.sink.lag.records", this, meter -> meter.lagRecords)
                .tags(tags)
                .register(registry));
        gauges.add(Gauge.builder("sluice.sink.lag.millis", this, SinkMeter::lagMillis)
                .tags(tags)
                .register(registry));
        gauges.add(Gauge.builder("sluice.sink.loading", this, meter -> meter.loading)
                .tags(tags)
                .register(registry));
        gauges.add(Gauge.builder("sluice.sink.latency.millis", this, meter -> meter.latencyMillis)
                .tags(tags)
                .register(registry));
    }

    /** A write is committed. */
    void did(Effect effect) {
        Write write = effect.write();
        if (write instanceof Write.Deletes || write instanceof Write.Marks) {
            deleted(write.table(), effect.done().rows());
        } else {
            upserted(write.table(), effect.done().rows());
        }
        if (effect.done().conflicts() > 0) {
            conflicts(write.table(), effect.done().conflicts());
        }
    }

    void upserted(TargetTable table, int rows) {
        Counts of = counts.get(table);
        if (of != null) {
            of.upserted().add(rows);
            of.upserts().increment(rows);
        }
    }

    void deleted(TargetTable table, int rows) {
        Counts of = counts.get(table);
        if (of != null) {
            of.deleted().add(rows);
            of.deletes().increment(rows);
        }
    }

    /** The target had that many rows in a newer version than what came. */
    void conflicts(TargetTable table, int rows) {
        Counts of = counts.get(table);
        if (of != null) {
            of.conflicts().add(rows);
        }
    }

    /** @param lastCommitMicros of the latest change in the batch, by the source's clock; the least number if there is none */
    void applied(int records, int repeated, long lastCommitMicros, long nanos) {
        batches.record(nanos, TimeUnit.NANOSECONDS);
        batchRecords.record(records);
        repeats.increment(repeated);
        if (lastCommitMicros > Long.MIN_VALUE) {
            lastCommitMillis = lastCommitMicros / 1000;
            // The source's clock may be ahead of ours: less than nothing is nothing.
            latencyMillis = Math.max(0, clock.millis() - lastCommitMillis);
        }
    }

    void retried() {
        retries.increment();
    }

    /** So many dead letters were written. */
    void letters(int count) {
        letters.increment(count);
    }

    void held(int records) {
        held = records;
    }

    void stale() {
        stale.increment();
    }

    void lag(long records) {
        lagRecords = records;
    }

    /** That many source tables of a strong service are being read: its transactions are not whole yet. */
    void loading(int tables) {
        loading = tables;
    }

    private long lagMillis() {
        if (lagRecords <= 0 || lastCommitMillis == Long.MIN_VALUE) {
            return 0;
        }
        return Math.max(0, clock.millis() - lastCommitMillis);
    }

    public SinkProgress progress() {
        List<SinkProgress.Table> tables = new ArrayList<>(counts.size());
        counts.forEach((table, of) -> tables.add(
                new SinkProgress.Table(table, of.upserted().sum(), of.deleted().sum())));
        return new SinkProgress(tables, lagRecords, lagMillis(), latencyMillis, loading);
    }

    /** A registry hands out a gauge that it has, bound to the sink that made it: the next sink must find none. */
    @Override
    public void close() {
        gauges.forEach(registry::remove);
    }
}
