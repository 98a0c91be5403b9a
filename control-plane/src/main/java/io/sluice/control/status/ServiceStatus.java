package io.sluice.control.status;

import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport.Cause;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A service: its two hops and its tables.
 *
 * @param loading whether rows are still to be seen by a load, or to be swept after one
 * @param problem why something of it is not known
 * @param letters its dead letters, by cause
 */
public record ServiceStatus(
        String name,
        boolean strong,
        Condition condition,
        boolean loading,
        Optional<Pause> pause,
        Optional<String> problem,
        Hop transform,
        Hop sink,
        List<Table> tables,
        Letters letters) {

    public ServiceStatus {
        tables = List.copyOf(tables);
    }

    /** Whether everything that was published for it is in its target. */
    public boolean isApplied() {
        return !loading && transform.lag().isNone() && sink.lag().isNone();
    }

    public long parkedKeys() {
        return tables.stream().mapToLong(Table::parkedKeys).sum();
    }

    /**
     * What takes records from topic to topic, or from topic to target.
     *
     * @param processes members of its group; 0: nobody runs it
     * @param perSecond records taken further of late, by its processes' word
     */
    public record Hop(Condition condition, Optional<Cause> cause, int processes, Lag lag, double perSecond) {}

    /**
     * A target table. In a strong service all share one topic, so their lags are the service's.
     *
     * @param changes what waits before the transform
     * @param rows what waits before the target
     * @param parkedKeys keys that wait behind a dead letter of theirs, or for another row
     * @param verification how it last compared with its source
     */
    public record Table(
            TargetTable name,
            List<TableId> from,
            Condition condition,
            Optional<Pause> pause,
            Lag changes,
            Lag rows,
            double perSecond,
            long parkedKeys,
            Optional<Verification> verification) {

        public Table {
            from = List.copyOf(from);
        }
    }

    /**
     * A comparison that was made.
     *
     * @param verdict in a word
     */
    public record Verification(String verdict, Instant at, long compared, long different) {}

    /**
     * Dead letters.
     *
     * @param exact whether all that the topic holds were counted
     */
    public record Letters(long count, boolean exact, List<ByCause> byCause) {

        public static final Letters NONE = new Letters(0, true, List.of());

        public Letters {
            byCause = List.copyOf(byCause);
        }
    }

    /** So many of one cause. */
    public record ByCause(String stage, String reason, String code, String rule, long count) {}
}
