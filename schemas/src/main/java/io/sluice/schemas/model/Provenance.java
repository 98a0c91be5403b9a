package io.sluice.schemas.model;

import org.jspecify.annotations.Nullable;

/**
 * Where a change comes from.
 *
 * @param commitTimeMicros when its transaction committed, by the source's clock; for people and lag, never for order
 * @param transaction the source's own name for the transaction; null for a row read by a snapshot
 */
public record Provenance(Position position, long commitTimeMicros, @Nullable String transaction, Kind kind) {

    /** How the change was come by. */
    public enum Kind {
        SNAPSHOT,
        STREAM
    }
}
