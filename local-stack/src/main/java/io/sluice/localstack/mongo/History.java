package io.sluice.localstack.mongo;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * The bounded history of changes, in cluster time: what a mongod calls its oplog. Guarded by the lock of {@link Commands}.
 *
 * <p>The cluster time holds seconds in its upper and a counter in its lower half. It is raised for each change, so it names
 * one, and it only grows: what the clock says is a floor, never an answer.
 */
final class History {

    private static final String LAST = "last";
    private static final String LOST = "lost";
    /** A mongod writes an empty entry this often when nothing else happens, so that positions of idle streams stay fresh. */
    private static final long IDLE_SECONDS = Duration.ofSeconds(10).toSeconds();

    private final MVMap<Long, byte[]> changes;
    private final MVMap<String, Long> marks;
    private final int maxChanges;
    private final long maxBytes;
    private final Clock clock;
    private long bytes;

    History(MVMap<Long, byte[]> changes, MVMap<String, Long> marks, int maxChanges, long maxBytes, Clock clock) {
        this.changes = changes;
        this.marks = marks;
        this.maxChanges = maxChanges;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.bytes =
                changes.values().stream().mapToLong(change -> change.length).sum();
        if (marks.get(LAST) == null) {
            marks.put(LOST, tick() - 1);
        }
    }

    /** The cluster time of the last change. */
    long last() {
        Long last = marks.get(LAST);
        return last == null ? 0 : last;
    }

    /** No change up to this time is here any more; each one after it is. */
    long lost() {
        Long lost = marks.get(LOST);
        return lost == null ? 0 : lost;
    }

    /** Raises the cluster time for a change that is about to be added. */
    long tick() {
        long time = Math.max(clock.instant().getEpochSecond() << 32 | 1, last() + 1);
        marks.put(LAST, time);
        return time;
    }

    void tickWhenIdle() {
        if (clock.instant().getEpochSecond() - (last() >>> 32) >= IDLE_SECONDS) {
            tick();
        }
    }

    void add(Change change) {
        byte[] encoded = change.encode();
        changes.put(change.time(), encoded);
        bytes += encoded.length;
        // The newest change always stays, however large: a position that was just handed out must be good.
        while (changes.size() > 1 && (changes.size() > maxChanges || bytes > maxBytes)) {
            Long first = changes.firstKey();
            bytes -= changes.remove(first).length;
            marks.put(LOST, first);
        }
    }

    long bytes() {
        return bytes;
    }

    /** Beyond this the oldest changes go. */
    long maxBytes() {
        return maxBytes;
    }

    /** The first change after this time. */
    @Nullable
    Change after(long time) {
        Long next = changes.higherKey(time);
        return next == null ? null : at(next);
    }

    @Nullable
    Change at(long time) {
        byte[] encoded = changes.get(time);
        return encoded == null ? null : Change.decode(time, encoded);
    }

    /** The first and the last change that are here, in that order; none of an empty history. */
    List<Change> ends() {
        return Stream.of(changes.firstKey(), changes.lastKey())
                .filter(Objects::nonNull)
                .distinct()
                .map(this::at)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Forgets everything: no position handed out before this can be resumed from. */
    void rollOver() {
        changes.clear();
        bytes = 0;
        // An idle stream was told the time after the last change as its position, so that one has to go, too.
        marks.put(LOST, tick());
        tick();
    }
}
