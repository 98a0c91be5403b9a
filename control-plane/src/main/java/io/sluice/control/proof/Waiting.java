package io.sluice.control.proof;

import java.util.OptionalLong;

/**
 * What stands in a topic and was not taken further yet.
 *
 * @param records how many committed records
 * @param exact whether these were counted; otherwise there are so many places, and markers of transactions may be among them
 * @param oldestMicros when the first of them was committed at its source, in microseconds since 1970; empty where none could be
 *     read, for the transaction that they stand in is open still
 */
public record Waiting(long records, boolean exact, OptionalLong oldestMicros) {

    public static final Waiting NONE = new Waiting(0, true, OptionalLong.empty());

    /** Both together. */
    public Waiting plus(Waiting other) {
        OptionalLong oldest = oldestMicros.isEmpty()
                ? other.oldestMicros
                : other.oldestMicros.isEmpty()
                        ? oldestMicros
                        : OptionalLong.of(Math.min(oldestMicros.getAsLong(), other.oldestMicros.getAsLong()));
        return new Waiting(records + other.records, exact && other.exact, oldest);
    }

    /** How old the oldest of them is; 0 where nothing waits. */
    public long lagMillis(long nowMillis) {
        return oldestMicros.isEmpty() ? 0 : Math.max(0, nowMillis - oldestMicros.getAsLong() / 1_000);
    }
}
