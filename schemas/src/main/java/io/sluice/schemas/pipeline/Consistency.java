package io.sluice.schemas.pipeline;

/** What a service may see of its source's transactions. */
public enum Consistency {
    /** Whole and in order; nothing is ever skipped. */
    STRONG,
    /** Each key in order, keys side by side. */
    EVENTUAL,
    /** As eventual, but an error is dead-lettered and the key goes on. */
    BEST_EFFORT
}
