package io.sluice.control.status;

import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport.Cause;
import io.sluice.schemas.model.TableId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A source and the first hop, from it into the change topics.
 *
 * @param problem why something of it is not known
 * @param epoch 0 before the first
 * @param lagMillis how long ago the last published transaction was committed; 0 when all that was committed is published; empty
 *     where nobody knows
 * @param lagBytes of its log that are not published
 * @param timeToLoss how long its server will keep what is still to be read, were nothing read any more
 * @param keepsAll whether the server keeps it without a limit, and may run out of disk for it
 * @param perSecond changes published of late, by its processes' word
 */
public record SourceStatus(
        String name,
        String kind,
        Condition condition,
        Optional<Cause> cause,
        Optional<Pause> pause,
        Optional<String> problem,
        int epoch,
        OptionalLong lagMillis,
        OptionalLong lagBytes,
        Optional<Duration> timeToLoss,
        boolean keepsAll,
        double perSecond,
        List<Table> tables) {

    public SourceStatus {
        tables = List.copyOf(tables);
    }

    /** Whether everything that it had committed is published. */
    public boolean isPublished() {
        return lagMillis.isPresent() && lagMillis.getAsLong() == 0;
    }

    /** The tables that are being read. */
    public List<Table> loading() {
        return tables.stream()
                .filter(table -> table.condition() == Condition.LOADING)
                .toList();
    }

    /**
     * A source table.
     *
     * @param rows read by its load
     * @param estimate how many those will be; -1 where nobody knows
     * @param loadPerSecond of a load that is under way
     */
    public record Table(
            TableId id,
            Condition condition,
            Optional<Cause> cause,
            long rows,
            long estimate,
            double loadPerSecond,
            double perSecond) {

        /** Never 100 before it is over, for an estimate may be too low. */
        public OptionalInt percent() {
            return condition != Condition.LOADING || estimate <= 0
                    ? OptionalInt.empty()
                    : OptionalInt.of((int) Math.min(99, rows * 100 / estimate));
        }

        public Optional<Duration> timeLeft() {
            return condition != Condition.LOADING || estimate < 0 || loadPerSecond <= 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds((long) (Math.max(0, estimate - rows) / loadPerSecond)));
        }
    }
}
