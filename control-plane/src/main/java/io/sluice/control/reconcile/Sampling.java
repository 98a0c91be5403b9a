package io.sluice.control.reconcile;

import java.math.BigDecimal;

/** Which rows are looked at: the same on both sides, and in every comparison, for their keys decide. */
final class Sampling {

    private static final int PARTS = 1 << 20;

    private final int taken;

    private Sampling(int taken) {
        this.taken = taken;
    }

    static Sampling all() {
        return new Sampling(PARTS);
    }

    /** @param ratio above 0, at most 1 */
    static Sampling of(BigDecimal ratio) {
        int parts = ratio.multiply(BigDecimal.valueOf(PARTS)).intValue();
        return new Sampling(Math.max(1, Math.min(PARTS, parts)));
    }

    boolean isPartial() {
        return taken < PARTS;
    }

    boolean takes(RowKey key) {
        return taken == PARTS || (int) (key.hash() >>> 44) < taken;
    }
}
