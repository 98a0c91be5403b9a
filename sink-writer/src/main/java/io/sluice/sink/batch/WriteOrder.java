package io.sluice.sink.batch;

/**
 * Which of a batch's writes go first. Neither order suits every constraint: a new child needs its new parent, and a unique
 * value can be taken only after the row that had it is gone.
 */
public enum WriteOrder {
    /** Rows come, parents first; then rows go, children first. */
    UPSERTS_FIRST,
    /** Rows go, children first; then rows come, parents first. */
    DELETES_FIRST,
    /**
     * As {@link #DELETES_FIRST}, but rows that are there give way all at once before they take their new values: two of them may
     * have swapped a unique one.
     */
    REPLACING
}
