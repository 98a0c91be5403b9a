package io.sluice.sink.consume;

import io.sluice.sink.batch.WriteOrder;

/**
 * The ways to write whole transactions, from the fastest to the one that needs the least of the target's constraints. All come to
 * the same rows.
 */
final class WriteAttempts {

    private enum Way {
        UPSERTS_FIRST,
        DELETES_FIRST,
        /** Change by change, as the source did it: what its constraints let pass, the same ones do here. */
        AS_AT_SOURCE,
        /** Two rows have swapped a unique value, which the source may look at only when it commits. */
        REPLACING
    }

    private Way way = Way.UPSERTS_FIRST;

    WriteOrder order() {
        return switch (way) {
            case UPSERTS_FIRST, AS_AT_SOURCE -> WriteOrder.UPSERTS_FIRST;
            case DELETES_FIRST -> WriteOrder.DELETES_FIRST;
            case REPLACING -> WriteOrder.REPLACING;
        };
    }

    boolean inOrder() {
        return way == Way.AS_AT_SOURCE;
    }

    /** Goes on to the next way; false if there is none. */
    boolean next() {
        Way before = way;
        way = switch (before) {
            case UPSERTS_FIRST -> Way.DELETES_FIRST;
            case DELETES_FIRST -> Way.AS_AT_SOURCE;
            case AS_AT_SOURCE, REPLACING -> Way.REPLACING;
        };
        return way != before;
    }

    /** Other transactions are tried in the fastest way again. */
    void begin() {
        way = Way.UPSERTS_FIRST;
    }
}
