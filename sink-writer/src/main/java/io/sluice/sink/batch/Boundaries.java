package io.sluice.sink.batch;

import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Finds, in a run of records that keeps whole transactions in order, the places where none is open. Belongs to one thread.
 *
 * <p>Looks at bounds alone, and only at those that were not applied before: a transform that was set back in the midst of a
 * transaction repeats others before it goes on with that one.
 */
public final class Boundaries {

    private final Origins.Progress progress;
    private boolean open;

    /** @param applied what was applied before the run, which begins where nothing is open */
    public Boundaries(Origins applied) {
        this.progress = applied.progress();
    }

    /**
     * Passes a record.
     *
     * @param bound what it says of a transaction; null if nothing
     * @return whether nothing is open behind it
     */
    public boolean pass(@Nullable TransactionMarker bound, @Nullable Origin origin) {
        if (bound != null && (origin == null || progress.advance(origin))) {
            open = bound.kind() == TransactionMarker.Kind.BEGIN;
        }
        return !open;
    }
}
