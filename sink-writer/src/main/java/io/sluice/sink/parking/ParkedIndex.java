package io.sluice.sink.parking;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.sink.batch.RowPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which records of our partitions are held, without their contents. All that a healthy record costs is {@link #isEmpty}. It is
 * changed only after what it says is committed. Belongs to one thread.
 */
final class ParkedIndex {

    /** How many times as many records may wait for others as may be held for good. */
    private static final int WAITING_TIMES = 10;

    private final DeadLettersSpec limits;
    private final Map<RowPartition, Part> parts = new HashMap<>();
    private final Map<ParkedKey, Long> waitingSinceNanos = new LinkedHashMap<>();
    private int records;
    private int waiting;
    private int untold;

    /** A held record, without its contents. */
    record Entry(long offset, int size, HoldState state, boolean relayed) {

        boolean isUntold() {
            return state.isTold() && !relayed;
        }
    }

    private static final class Part {
        private final long epoch;
        private final Map<ParkedKey, NavigableMap<Long, Entry>> keys = new LinkedHashMap<>();
        private final TreeSet<Long> refused = new TreeSet<>();
        private int records;
        private long bytes;
        private int waiting;
        private long waitingBytes;

        private Part(long epoch) {
            this.epoch = epoch;
        }
    }

    ParkedIndex(DeadLettersSpec limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return records == 0;
    }

    int size() {
        return records;
    }

    boolean hasWaiting() {
        return waiting > 0;
    }

    boolean hasUntold() {
        return untold > 0;
    }

    boolean knows(RowPartition partition, long epoch) {
        Part part = parts.get(partition);
        return part != null && part.epoch == epoch;
    }

    /** Forgets what belongs to others now. */
    void keepOnly(Collection<RowPartition> ours) {
        for (RowPartition partition : List.copyOf(parts.keySet())) {
            if (!ours.contains(partition)) {
                forget(partition);
            }
        }
    }

    /** Begins anew with a partition that was taken. */
    void begin(RowPartition partition, long epoch) {
        forget(partition);
        parts.put(partition, new Part(epoch));
    }

    private void forget(RowPartition partition) {
        Part part = parts.remove(partition);
        if (part != null) {
            part.keys.values().forEach(entries -> entries.values().forEach(this::uncount));
            waitingSinceNanos.keySet().removeAll(part.keys.keySet());
        }
    }

    private void uncount(Entry entry) {
        records--;
        waiting -= entry.state() == HoldState.WAITING ? 1 : 0;
        untold -= entry.isUntold() ? 1 : 0;
    }

    void put(ParkedKey key, Entry entry, long nowNanos) {
        remove(key, entry.offset(), false);
        Part part = part(key.partition());
        part.keys.computeIfAbsent(key, first -> new TreeMap<>()).put(entry.offset(), entry);
        part.records++;
        part.bytes += entry.size();
        part.waiting += entry.state() == HoldState.WAITING ? 1 : 0;
        part.waitingBytes += entry.state() == HoldState.WAITING ? entry.size() : 0;
        records++;
        untold += entry.isUntold() ? 1 : 0;
        if (entry.state() == HoldState.WAITING) {
            waiting++;
            waitingSinceNanos.putIfAbsent(key, nowNanos);
        } else {
            waitingSinceNanos.remove(key);
        }
        if (entry.state() == HoldState.REFUSED) {
            part.refused.add(entry.offset());
        }
    }

    void remove(ParkedKey key, long offset) {
        remove(key, offset, true);
    }

    private void remove(ParkedKey key, long offset, boolean forGood) {
        Part part = part(key.partition());
        NavigableMap<Long, Entry> entries = part.keys.get(key);
        Entry entry = entries == null ? null : entries.remove(offset);
        if (entries == null || entry == null) {
            return;
        }
        uncount(entry);
        part.records--;
        part.bytes -= entry.size();
        part.waiting -= entry.state() == HoldState.WAITING ? 1 : 0;
        part.waitingBytes -= entry.state() == HoldState.WAITING ? entry.size() : 0;
        part.refused.remove(offset);
        if (entries.isEmpty() && forGood) {
            part.keys.remove(key);
            waitingSinceNanos.remove(key);
        }
    }

    private Part part(RowPartition partition) {
        Part part = parts.get(partition);
        if (part == null) {
            throw new IllegalStateException("nothing is known of " + partition);
        }
        return part;
    }

    /** What holds for the key; null if none of its records is held. */
    @Nullable
    HoldState state(ParkedKey key) {
        Part part = parts.get(key.partition());
        NavigableMap<Long, Entry> entries = part == null ? null : part.keys.get(key);
        return entries == null ? null : entries.firstEntry().getValue().state();
    }

    /** The key's records, in order. */
    List<Entry> entries(ParkedKey key) {
        NavigableMap<Long, Entry> entries = part(key.partition()).keys.get(key);
        return entries == null ? List.of() : List.copyOf(entries.values());
    }

    /** Keys that wait for other rows; those first that were tried least lately. */
    Collection<ParkedKey> waitingKeys() {
        return Collections.unmodifiableSet(waitingSinceNanos.keySet());
    }

    /** A letter tells of it. */
    void told(ParkedKey key, long offset) {
        NavigableMap<Long, Entry> entries = part(key.partition()).keys.get(key);
        Entry entry = entries == null ? null : entries.get(offset);
        if (entries != null && entry != null && entry.isUntold()) {
            entries.put(offset, new Entry(offset, entry.size(), entry.state(), true));
            untold--;
        }
    }

    /** It was tried in vain: the others come first now. */
    void tried(ParkedKey key) {
        Long since = waitingSinceNanos.remove(key);
        if (since != null) {
            waitingSinceNanos.put(key, since);
        }
    }

    /** Records that no letter tells of yet, as many as fit. */
    Map<ParkedKey, List<Entry>> untold(int mostRecords, long mostBytes) {
        Map<ParkedKey, List<Entry>> found = new LinkedHashMap<>();
        int count = 0;
        long bytes = 0;
        for (Part part : parts.values()) {
            for (Map.Entry<ParkedKey, NavigableMap<Long, Entry>> of : part.keys.entrySet()) {
                for (Entry entry : of.getValue().values()) {
                    bytes += entry.isUntold() ? entry.size() : 0;
                    if (count > 0 && (count >= mostRecords || bytes > mostBytes)) {
                        return found;
                    }
                    if (entry.isUntold()) {
                        found.computeIfAbsent(of.getKey(), key -> new ArrayList<>())
                                .add(entry);
                        count++;
                    }
                }
            }
        }
        return found;
    }

    long waitingSinceNanos(ParkedKey key) {
        return waitingSinceNanos.getOrDefault(key, Long.MAX_VALUE);
    }

    List<ParkedKey> keys(RowPartition partition) {
        Part part = parts.get(partition);
        return part == null ? List.of() : List.copyOf(part.keys.keySet());
    }

    /**
     * Rows that wait for others are many where a load brings children ahead of their parents, and pass by themselves; their
     * contents are in the target, not in memory. So more of them may.
     *
     * @throws HaltException if so much is held already that this is too much
     */
    void admit(RowPartition partition, boolean waiting, int moreRecords, long moreBytes) {
        Part part = part(partition);
        int times = waiting ? WAITING_TIMES : 1;
        int records = (waiting ? part.records : part.records - part.waiting) + moreRecords;
        long bytes = (waiting ? part.bytes : part.bytes - part.waitingBytes) + moreBytes;
        if (records > times * (long) limits.parked() || (records > 1 && bytes > times * limits.parkedBytes())) {
            throw new HaltException(
                    "PARKED_FULL",
                    part.records + " records, of " + part.bytes + " bytes and " + part.keys.size()
                            + " keys, are held in this partition, which the target refuses or which wait for other rows: "
                            + "no more may",
                    partition.toString(),
                    "Look into the dead letters for why, mend it, and have them replayed or their tables read again; where "
                            + "they wait for rows that a first load has yet to bring, drop the foreign keys until it is over; "
                            + "or raise `dead-letters: {parked: …, parked-size: …}` of the service.");
        }
    }

    /**
     * Whether one more refused record is one too many.
     *
     * @param more offsets that are to be refused with it
     */
    boolean admitsRefused(RowPartition partition, long offset, Collection<Long> more) {
        long from = offset - limits.of();
        long among = part(partition).refused.subSet(from, false, offset, true).size()
                + more.stream().filter(each -> each > from && each <= offset).count();
        return among <= limits.most();
    }

    DeadLettersSpec limits() {
        return limits;
    }
}
