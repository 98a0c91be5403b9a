package io.sluice.control.status;

/**
 * What waits at a hop.
 *
 * @param records how many; 0 when nothing does, -1 where it is not known
 * @param exact whether they were counted
 * @param millis how long ago the oldest of them was committed at its source
 */
public record Lag(long records, boolean exact, long millis) {

    public static final Lag NONE = new Lag(0, true, 0);
    public static final Lag UNKNOWN = new Lag(-1, false, -1);

    public boolean isKnown() {
        return records >= 0;
    }

    public boolean isNone() {
        return records == 0;
    }

    public Lag plus(Lag other) {
        return isKnown() && other.isKnown()
                ? new Lag(records + other.records, exact && other.exact, Math.max(millis, other.millis))
                : UNKNOWN;
    }
}
