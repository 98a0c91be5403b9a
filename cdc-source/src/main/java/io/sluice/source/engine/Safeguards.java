package io.sluice.source.engine;

/**
 * What makes the capture exactly once, each by itself, so that a test can show that without it changes are lost or doubled; and
 * the places at which a test ends the process. Everything is on, and nothing ends, outside tests.
 *
 * @param positionFilter whether transactions that are stored are passed over when the server sends them again
 * @param offsetInTransaction whether the offset is committed with the changes it belongs to
 * @param fence whether one instance shuts out every other
 */
record Safeguards(boolean positionFilter, boolean offsetInTransaction, boolean fence, Failpoints failpoints) {

    static final Safeguards ALL = new Safeguards(true, true, true, point -> {});

    Safeguards with(Failpoints given) {
        return new Safeguards(positionFilter, offsetInTransaction, fence, given);
    }

    /** Is told that the capture has come to a place. */
    interface Failpoints {

        void reach(Point point);
    }

    /** Places between two steps of which only one may have happened when the process ends. */
    enum Point {
        INTENT_STORED,
        SLOT_MADE,
        LOAD_ROWS_SENT,
        LOAD_COMMITTED,
        INSIDE_TRANSACTION,
        COMMITTING,
        CHANGES_COMMITTED,
        COMMITTED,
        OFFSET_SERVED,
        CHUNK_SENT,
        CHUNK_COMMITTED,
        LOAD_ENDED
    }
}
