package io.sluice.sink;

import io.sluice.platform.ops.Metric;
import java.util.List;

/** What sinks publish of themselves. */
public final class SinkMetrics {

    public static final Metric ROWS = Metric.counter(
            "sluice.sink.rows",
            "Rows changed in the target, by operation: upsert or delete.",
            "pipeline",
            "service",
            "table",
            "operation");
    public static final Metric CONFLICTS = Metric.counter(
            "sluice.sink.conflicts",
            "Rows that were newer in the target than what came: with `source-wins` where `conflict: {alert: true}` asks for it.",
            "pipeline",
            "service",
            "table");
    public static final Metric BATCH = Metric.timer(
            "sluice.sink.batch",
            "Database transactions, from their first statement to their commit.",
            "pipeline",
            "service");
    public static final Metric BATCH_RECORDS =
            Metric.sizes("sluice.sink.batch.records", "Records in each of them.", "pipeline", "service");
    public static final Metric REPEATS = Metric.counter(
            "sluice.sink.repeats",
            "Records left out because they had been applied before; a transform that began again makes some.",
            "pipeline",
            "service");
    public static final Metric RETRIES = Metric.counter(
            "sluice.sink.retries",
            "Attempts that the target, or the way to it, cut short; done again.",
            "pipeline",
            "service");
    public static final Metric STALE = Metric.counter(
            "sluice.sink.stale",
            "Batches refused because another worker had taken the partition.",
            "pipeline",
            "service");
    public static final Metric LETTERS =
            Metric.counter("sluice.sink.letters", "Records written to the dead letters.", "pipeline", "service");
    public static final Metric PARKED = Metric.gauge(
            "sluice.sink.parked.records",
            "Changes that wait in the target because it refused one of their key, or because another row has to come first.",
            "pipeline",
            "service");
    public static final Metric LAG_RECORDS = Metric.gauge(
            "sluice.sink.lag.records",
            "Records in the row topics that this sink's partitions have not applied yet; -1 while unknown.",
            "pipeline",
            "service");
    public static final Metric LAG = Metric.gauge(
            "sluice.sink.lag.seconds",
            "How long ago the latest applied change was committed at its source; 0 when nothing is left to apply.",
            "pipeline",
            "service");
    public static final Metric LOADING = Metric.gauge(
            "sluice.sink.loading",
            "Tables of a strong service that are being loaded: until there are none its transactions are not whole.",
            "pipeline",
            "service");
    public static final Metric LATENCY = Metric.gauge(
            "sluice.sink.latency.seconds",
            "From commit at the source to visible in the target, for the last batch; -1 before the first.",
            "pipeline",
            "service");

    public static final List<Metric> ALL = List.of(
            ROWS,
            CONFLICTS,
            BATCH,
            BATCH_RECORDS,
            REPEATS,
            RETRIES,
            STALE,
            LETTERS,
            PARKED,
            LAG_RECORDS,
            LAG,
            LOADING,
            LATENCY);

    private SinkMetrics() {}
}
