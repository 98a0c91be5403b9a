package io.sluice.transform.topology;

/**
 * Counts, for each stream thread, the records that were polled and are not yet processed: to commit at the moment when the
 * input is drained rather than when a clock says so. Low latency then costs one transaction a poll, not one a record.
 */
final class PolledRecords {

    private final int fullPoll;
    private final ThreadLocal<Count> counts;

    /** @param fullPoll as many records as one poll returns at most: after such a one there is probably more */
    PolledRecords(int fullPoll) {
        this.fullPoll = fullPoll;
        this.counts = ThreadLocal.withInitial(() -> new Count(this.fullPoll));
    }

    int fullPoll() {
        return fullPoll;
    }

    /** The count of the calling thread, which must be the one that polls and processes. */
    Count ofThisThread() {
        return counts.get();
    }

    /**
     * One thread's count. It may be too low for a while after a rebalance, when a task goes and another one's records stay:
     * then a commit comes early, or waits for the commit interval. It is never so high that commits stop.
     */
    static final class Count {

        private final int fullPoll;
        private int left;
        private boolean moreIsWaiting;

        private Count(int fullPoll) {
            this.fullPoll = fullPoll;
        }

        void polled(int records) {
            left += records;
            moreIsWaiting = records >= fullPoll;
        }

        /** Notes that one record is done with; says whether now is the moment to commit. */
        boolean drainedByOne() {
            if (left == 0) {
                return false;
            }
            left--;
            return left == 0 && !moreIsWaiting;
        }

        /** Records of tasks that went away will never be processed here. */
        void reset() {
            left = 0;
            moreIsWaiting = false;
        }
    }
}
