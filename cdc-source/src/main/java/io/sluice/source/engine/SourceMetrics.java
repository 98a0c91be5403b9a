package io.sluice.source.engine;

import io.sluice.platform.ops.Metric;
import java.util.List;

/** What sources publish of themselves. */
public final class SourceMetrics {

    static final Metric COMMITS = Metric.counter(
            "sluice.source.commits", "Kafka transactions with changes and the source's offset.", "pipeline", "source");
    static final Metric COMMIT_TIME = Metric.gauge(
            "sluice.source.commit.time.seconds",
            "When the last published transaction committed, in seconds since 1970 by the source's clock; a heartbeat is one.",
            "pipeline",
            "source");
    static final Metric LOSS = Metric.gauge(
            "sluice.source.loss.seconds",
            "Time to loss: how long the server would keep what is still to be read, were the source to stop now. NaN where nobody"
                    + " knows, or where it keeps everything.",
            "pipeline",
            "source");
    static final Metric CHANGES = Metric.counter(
            "sluice.source.changes", "Changes published, of the stream and of ranges.", "pipeline", "source", "table");
    static final Metric SNAPSHOT_ROWS =
            Metric.counter("sluice.source.snapshot.rows", "Rows read by loads.", "pipeline", "source", "table");
    static final Metric HALTED = Metric.gauge(
            "sluice.source.halted",
            "1 while the table has halted: its changes are discarded until it is read again.",
            "pipeline",
            "source",
            "table");

    public static final List<Metric> ALL = List.of(COMMITS, COMMIT_TIME, LOSS, CHANGES, SNAPSHOT_ROWS, HALTED);

    private SourceMetrics() {}
}
