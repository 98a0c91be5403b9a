package io.sluice.sink;

import io.sluice.schemas.model.TargetTable;
import java.util.List;

/**
 * How far a sink is.
 *
 * @param lagRecords records that are in the row topics and not yet in the target; -1 while unknown
 * @param lagMillis how long ago the latest change in the target was committed at its source; 0 when there is nothing left to apply
 * @param latencyMillis from commit at the source to visible in the target, for the last batch; -1 before the first
 * @param loading how many source tables of a strong service are being read, or swept after: until there is none its transactions are
 *     not whole
 */
public record SinkProgress(List<Table> tables, long lagRecords, long lagMillis, long latencyMillis, int loading) {

    public SinkProgress {
        tables = List.copyOf(tables);
    }

    /** What was done to one table since this sink started. */
    public record Table(TargetTable table, long upserted, long deleted) {}
}
