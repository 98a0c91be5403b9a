package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose changes wait, and these changes in their order. All that a healthy record costs is {@link #isEmpty}. Belongs to
 * one task.
 */
final class ParkedKeys {

    private final LetterState state;
    private final DeadLettersSpec limits;
    private final TransformMeters meters;
    /** Of each key the sizes of its records, by their offsets. */
    private final Map<ParkedKey, NavigableMap<Long, Integer>> keys = new HashMap<>();

    private int records;
    private long bytes;

    private ParkedKeys(LetterState state, DeadLettersSpec limits, TransformMeters meters) {
        this.state = state;
        this.limits = limits;
        this.meters = meters;
    }

    static ParkedKeys restored(LetterState state, DeadLettersSpec limits, TransformMeters meters) {
        ParkedKeys parked = new ParkedKeys(state, limits, meters);
        state.eachParked((key, offset, stored) ->
                parked.enter(key, offset, ParkedRecord.read(stored).size()));
        return parked;
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    boolean holds(ParkedKey key) {
        return keys.containsKey(key);
    }

    /** The keys of one topic. */
    List<ParkedKey> of(String topic) {
        return keys.keySet().stream().filter(key -> key.topic().equals(topic)).toList();
    }

    /** Where the key's last record stood. */
    long lastOffset(ParkedKey key) {
        return offsets(key).lastKey();
    }

    /** Whether one of its records stood between these. */
    boolean hasBetween(ParkedKey key, long after, long before) {
        Long first = offsets(key).higherKey(after);
        return first != null && first < before;
    }

    /** The offsets of the key's records, in order. */
    Collection<Long> offsetsOf(ParkedKey key) {
        return List.copyOf(offsets(key).keySet());
    }

    private NavigableMap<Long, Integer> offsets(ParkedKey key) {
        NavigableMap<Long, Integer> offsets = keys.get(key);
        if (offsets == null) {
            throw new IllegalArgumentException("the key is not parked");
        }
        return offsets;
    }

    ParkedRecord record(ParkedKey key, long offset) {
        byte[] stored = state.parked(key, offset);
        if (stored == null) {
            throw new IllegalStateException("a parked record is indexed and not stored");
        }
        return ParkedRecord.read(stored);
    }

    /** @throws HaltException if too many wait already */
    void park(ParkedKey key, Place place, byte[] keyBytes, byte @Nullable [] value) {
        ParkedRecord record = new ParkedRecord(Bytes.wrap(keyBytes), value == null ? null : Bytes.wrap(value));
        if (records >= limits.parked() || (records > 0 && bytes + record.size() > limits.parkedBytes())) {
            throw new HaltException(
                    "PARKED_FULL",
                    records + " changes, of " + bytes + " bytes and " + keys.size()
                            + " keys, wait in this partition behind dead letters of their keys: no more may",
                    place.toString(),
                    "Look into the dead letters for why, mend it, and have the changes replayed or their tables read again; or "
                            + "raise `dead-letters: {parked: …, parked-size: …}` of the service.");
        }
        state.putParked(key, place.offset(), record.stored());
        enter(key, place.offset(), record.size());
    }

    private void enter(ParkedKey key, long offset, int size) {
        NavigableMap<Long, Integer> offsets = keys.computeIfAbsent(key, first -> {
            meters.parkedKeys(1);
            return new TreeMap<>();
        });
        if (offsets.put(offset, size) == null) {
            records++;
            bytes += size;
            meters.parkedRecords(1);
        }
    }

    void remove(ParkedKey key, long offset) {
        NavigableMap<Long, Integer> offsets = offsets(key);
        Integer size = offsets.remove(offset);
        if (size != null) {
            state.putParked(key, offset, null);
            records--;
            bytes -= size;
            meters.parkedRecords(-1);
        }
        if (offsets.isEmpty()) {
            keys.remove(key);
            meters.parkedKeys(-1);
        }
    }

    /** All of the key's records: something newer holds for it. */
    void remove(ParkedKey key) {
        new ArrayList<>(offsets(key).keySet()).forEach(offset -> remove(key, offset));
    }

    /** This task no longer counts them: another one does. */
    void leave() {
        meters.parkedKeys(-keys.size());
        meters.parkedRecords(-records);
    }
}
