package io.sluice.source.engine;

import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.model.TableId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How far a source is, at one moment.
 *
 * @param epoch 0 as long as nothing is known
 * @param boundary the last boundary that is stored, 0 before the first
 * @param lastCommitMicros when the transaction that ends there committed, by the source's clock
 * @param timeToLoss how long the server would keep the changes that are still to be read, were the source to stop now; null
 *     where nobody knows, or where it keeps them without a limit
 */
public record SourceProgress(
        int epoch, long boundary, long lastCommitMicros, @Nullable Duration timeToLoss, List<Table> tables) {

    public SourceProgress {
        tables = List.copyOf(tables);
    }

    /**
     * How far one table is.
     *
     * @param rowsRead by the load so far
     * @param rowsEstimated how many that will be; -1 where nobody knows
     * @param rowsPerSecond that this process has read of the load
     * @param changes published since this process began
     * @param halt why its changes are discarded
     */
    public record Table(
            TableId table,
            State state,
            long rowsRead,
            long rowsEstimated,
            double rowsPerSecond,
            long changes,
            @Nullable SluiceException halt) {

        /** Empty where nobody knows. An estimate may be too low, so a load is never said to be over before it is. */
        public OptionalInt percent() {
            if (rowsEstimated <= 0) {
                return OptionalInt.empty();
            }
            long percent = rowsRead * 100 / rowsEstimated;
            return OptionalInt.of((int) (state == State.LOADING ? Math.min(99, percent) : 100));
        }

        /** Empty where nobody knows. */
        public Optional<Duration> timeLeft() {
            if (state != State.LOADING || rowsEstimated < 0 || rowsPerSecond <= 0) {
                return Optional.empty();
            }
            return Optional.of(Duration.ofSeconds((long) (Math.max(0, rowsEstimated - rowsRead) / rowsPerSecond)));
        }
    }

    /** What is done with a table. */
    public enum State {
        WAITING,
        LOADING,
        LOADED,
        STREAMING,
        /** Its changes are discarded until it is read again; the other tables go on. */
        HALTED
    }
}
