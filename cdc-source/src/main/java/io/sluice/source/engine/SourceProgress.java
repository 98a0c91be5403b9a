package io.sluice.source.engine;

import io.sluice.schemas.model.TableId;
import java.util.List;

/**
 * How far a source is, at one moment.
 *
 * @param epoch 0 as long as nothing is known
 * @param boundary the last boundary that is stored, 0 before the first
 * @param lastCommitMicros when the transaction that ends there committed, by the source's clock
 */
public record SourceProgress(int epoch, long boundary, long lastCommitMicros, List<Table> tables) {

    public SourceProgress {
        tables = List.copyOf(tables);
    }

    /**
     * How far one table is.
     *
     * @param rowsRead by the first load so far
     * @param rowsEstimated how many that will be; -1 where nobody knows
     * @param changes published since this process began
     */
    public record Table(TableId table, State state, long rowsRead, long rowsEstimated, long changes) {}

    /** What is done with a table. */
    public enum State {
        WAITING,
        LOADING,
        LOADED,
        STREAMING
    }
}
