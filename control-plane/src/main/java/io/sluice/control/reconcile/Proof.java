package io.sluice.control.reconcile;

import java.util.List;

/** Says how far a table's changes are applied. */
public interface Proof {

    /**
     * Waits, but not for ever, until everything is applied that the sources of a table have committed when this is called.
     *
     * @throws InterruptedException if it is to be given up
     */
    Applied await() throws InterruptedException;

    /**
     * How it came out.
     *
     * @param position of each source, for people: everything up to there is applied, unless something is behind
     * @param behind which hops are behind; empty: none
     */
    record Applied(String position, List<String> behind) {

        public Applied {
            behind = List.copyOf(behind);
        }

        public boolean isThrough() {
            return behind.isEmpty();
        }
    }
}
