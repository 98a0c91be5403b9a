package io.sluice.sink.consume;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.SinkMetrics;
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

    private static final double MILLIS_PER_SECOND = 1e3;

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
                            SinkMetrics.ROWS.counter(registry, of.and("operation", "upsert")),
                            SinkMetrics.ROWS.counter(registry, of.and("operation", "delete")),
                            new ConflictLog(
                                    service.name() + "." + table,
                                    spec.conflict(),
                                    SinkMetrics.CONFLICTS.counter(registry, of))));
        }
        batches = SinkMetrics.BATCH.timer(registry, tags);
        batchRecords = SinkMetrics.BATCH_RECORDS.sizes(registry, tags);
        repeats = SinkMetrics.REPEATS.counter(registry, tags);
        retries = SinkMetrics.RETRIES.counter(registry, tags);
        stale = SinkMetrics.STALE.counter(registry, tags);
        letters = SinkMetrics.LETTERS.counter(registry, tags);
        gauges.add(SinkMetrics.PARKED.gauge(registry, tags, this, meter -> meter.held));
        gauges.add(SinkMetrics.LAG_RECORDS.gauge(registry, tags, this, meter -> meter.lagRecords));
        gauges.add(SinkMetrics.LAG.gauge(registry, tags, this, meter -> meter.lagMillis() / MILLIS_PER_SECOND));
        gauges.add(SinkMetrics.LOADING.gauge(registry, tags, this, meter -> meter.loading));
        gauges.add(SinkMetrics.LATENCY.gauge(
                registry, tags, this, meter -> meter.latencyMillis < 0 ? -1 : meter.latencyMillis / MILLIS_PER_SECOND));
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
