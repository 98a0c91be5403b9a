package io.sluice.sink.parking;

import io.sluice.sink.sql.SqlErrors;

/**
 * As what a record is held, and why.
 *
 * @param code the SQLSTATE of what it was refused for, or a word of ours
 * @param problem without any value of the row
 */
record HoldReason(HoldState state, String code, String problem) {

    /** Behind one that waits. */
    static final HoldReason WAITS = new HoldReason(HoldState.WAITING, "", "");

    /** Behind one that was refused. */
    static final HoldReason PARKED =
            new HoldReason(HoldState.PARKED, "KEY_PARKED", "an earlier change of its key is a dead letter");

    /** Behind one that a person is to decide on. */
    static final HoldReason FOLLOWS =
            new HoldReason(HoldState.FOLLOWING, "KEY_IN_CONFLICT", "an earlier change of its key waits for a decision");

    static final HoldReason DISCARDED = new HoldReason(HoldState.DISCARDED, "KEY_DISCARDED", "given up by an operator");

    private static final String CONFLICT = "CONFLICT";

    /** What was read again stands for the changes before it, but not for the decision on them. */
    static final HoldReason READ_AGAIN = new HoldReason(
            HoldState.CONFLICT, CONFLICT, "its row was read again before an earlier conflict was decided");

    /** @param first whether it failed itself, and does not only follow what did */
    static HoldReason of(Separation.Failure failure, boolean first) {
        if (!failure.mayPass()) {
            return forGood(failure, first);
        }
        HoldReason why = forGood(failure, first);
        return new HoldReason(HoldState.WAITING, why.code(), why.problem());
    }

    /** Where it is of no use to wait. */
    static HoldReason forGood(Separation.Failure failure, boolean first) {
        if (!first) {
            return failure.isConflict() ? FOLLOWS : PARKED;
        }
        return failure.isConflict()
                ? new HoldReason(
                        HoldState.CONFLICT,
                        CONFLICT,
                        String.valueOf(failure.error().getMessage()))
                : new HoldReason(
                        HoldState.REFUSED, String.valueOf(failure.error().getSQLState()), refused(failure));
    }

    /** The source's row was to prevail, and can't. */
    static HoldReason undecided(Separation.Failure failure) {
        return new HoldReason(
                HoldState.CONFLICT,
                CONFLICT,
                failure.isConflict() ? String.valueOf(failure.error().getMessage()) : refused(failure));
    }

    private static String refused(Separation.Failure failure) {
        return "the target refuses the row: " + SqlErrors.describe(failure.error());
    }
}
