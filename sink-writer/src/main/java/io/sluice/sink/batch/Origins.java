package io.sluice.sink.batch;

import io.sluice.schemas.model.Origin;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The highest origin that was applied to one row partition, for each partition of each change topic. Immutable.
 *
 * <p>One change partition is read in order and its rows arrive in that order, so what is at or below its mark was applied
 * before: the transform was set back and makes its output again.
 */
public final class Origins {

    public static final Origins NONE = new Origins(Map.of());

    private static final Comparator<Mark> ORDER =
            Comparator.comparingLong(Mark::offset).thenComparingInt(Mark::part);

    private final Map<ChangePartition, Mark> marks;

    private Origins(Map<ChangePartition, Mark> marks) {
        this.marks = marks;
    }

    /** One partition of one change topic. */
    public record ChangePartition(String topic, int partition) implements Comparable<ChangePartition> {

        private static final Comparator<ChangePartition> BY_NAME =
                Comparator.comparing(ChangePartition::topic).thenComparingInt(ChangePartition::partition);

        @Override
        public int compareTo(ChangePartition other) {
            return BY_NAME.compare(this, other);
        }
    }

    /** A record of a change partition, and a row that it became. */
    public record Mark(long offset, int part) {}

    public static Origins of(Map<ChangePartition, Mark> marks) {
        return marks.isEmpty() ? NONE : new Origins(Map.copyOf(marks));
    }

    /** In a fixed order, for storing. */
    public Map<ChangePartition, Mark> marks() {
        return new TreeMap<>(marks);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Origins origins && marks.equals(origins.marks);
    }

    @Override
    public int hashCode() {
        return marks.hashCode();
    }

    @Override
    public String toString() {
        return marks.toString();
    }

    public Progress progress() {
        return new Progress(this);
    }

    /** The marks while a batch moves them. Belongs to one thread. */
    public static final class Progress {

        private final Origins start;
        private final Map<ChangePartition, Mark> moved = new HashMap<>();

        /** Rows come in long runs from one change partition: no look-up for all but the first of each. */
        private @Nullable ChangePartition last;

        private @Nullable Mark lastMark;

        private Progress(Origins start) {
            this.start = start;
        }

        /** Moves the mark to this origin; false if it stands there or further already, so that the row is a repeat. */
        public boolean advance(Origin origin) {
            ChangePartition of = last;
            if (of == null
                    || of.partition() != origin.partition()
                    || !of.topic().equals(origin.topic())) {
                of = new ChangePartition(origin.topic(), origin.partition());
                Mark known = moved.get(of);
                lastMark = known != null ? known : start.marks.get(of);
                last = of;
            }
            Mark next = new Mark(origin.offset(), origin.part());
            if (lastMark != null && ORDER.compare(next, lastMark) <= 0) {
                return false;
            }
            lastMark = next;
            moved.put(of, next);
            return true;
        }

        /** What was applied, with what was passed. */
        public Origins done() {
            if (moved.isEmpty()) {
                return start;
            }
            Map<ChangePartition, Mark> all = new HashMap<>(start.marks);
            all.putAll(moved);
            return new Origins(all);
        }
    }
}
