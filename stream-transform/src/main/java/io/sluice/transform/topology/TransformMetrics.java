package io.sluice.transform.topology;

import io.sluice.platform.ops.Metric;
import java.util.List;

/**
 * What transforms publish of themselves. A record whose transaction was aborted counts each time: these are figures of work, not
 * of rows.
 */
public final class TransformMetrics {

    static final Metric CHANGES =
            Metric.counter("sluice.transform.changes", "Changes read.", "pipeline", "service", "table");
    static final Metric ROWS =
            Metric.counter("sluice.transform.rows", "Row records written.", "pipeline", "service", "table");
    static final Metric DEAD_LETTERS = Metric.counter(
            "sluice.transform.dead.letters",
            "Records written to the dead letters, by reason.",
            "pipeline",
            "service",
            "reason");
    static final Metric PARKED_KEYS = Metric.gauge(
            "sluice.transform.parked.keys",
            "Keys whose changes wait behind a dead letter of theirs.",
            "pipeline",
            "service");
    static final Metric PARKED_RECORDS = Metric.gauge(
            "sluice.transform.parked.records",
            "Changes that wait behind a dead letter of their key.",
            "pipeline",
            "service");
    static final Metric DRIFT = Metric.counter(
            "sluice.transform.drift",
            "Changes that carried a column or field which the mapping does not know and leaves out.",
            "pipeline",
            "service",
            "table",
            "column");

    public static final List<Metric> ALL = List.of(CHANGES, ROWS, DEAD_LETTERS, PARKED_KEYS, PARKED_RECORDS, DRIFT);

    private TransformMetrics() {}
}
