package io.sluice.sink.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load that is to be swept, or whose keys are to be forgotten.
 *
 * <pre>
 *   recording ──▶ sweeping ──▶ emptying ──▶ done
 *       │             │           ▲
 *       └─────────────┴───────────┘   it was given up, or a later load has begun
 * </pre>
 *
 * @param number counts the loads
 * @param load the name that its source gave it
 * @param source the source table, as {@link io.sluice.schemas.model.TableId} writes it
 * @param topicId the row topic that brought it
 * @param reached the last key that was looked at; null at the beginning
 * @param skipped the rows of this pass that could not be deleted
 * @param swept the rows deleted so far
 */
public record OpenSweep(
        long number,
        String load,
        String source,
        String topicId,
        SeenTable seen,
        State state,
        @Nullable List<String> reached,
        long skipped,
        long swept) {

    /** What is going on with it. */
    public enum State {
        /** Every end has come: it is whole, and may be swept. */
        WHOLE,
        SWEEPING,
        EMPTYING
    }

    public OpenSweep {
        reached = reached == null ? null : List.copyOf(reached);
    }
}
