package io.sluice.schemas.pipeline;

/** What TRUNCATE at the source does. */
public enum TruncatePolicy {
    /** Truncates the target in its turn; strong services only, for elsewhere there is no turn. */
    APPLY,
    /** Halts the table. */
    HALT,
    /** Reads the table again; what is gone counts as deleted. */
    RESNAPSHOT
}
