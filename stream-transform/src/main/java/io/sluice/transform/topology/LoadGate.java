package io.sluice.transform.topology;

import io.sluice.schemas.codec.LoadMarker;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a load's end back while a row that the load has shown lies among the dead letters. The target deletes what a load did not
 * show it; without the end it deletes nothing. Belongs to one task.
 *
 * <ul>
 *   <li>A key that the load brings and that can't go through is parked behind the load's begin: the end waits until it is unparked.
 *   <li>A record whose key can't be read, or that is not parked, shows a row that nobody can name: the end never comes, and the
 *       next load of the table takes this one's place.
 *   <li>A key whose parked changes are all older than the begin was not met, so its row is gone from the source: its changes are
 *       dropped, and its row may go from the target.
 * </ul>
 */
final class LoadGate {

    private static final Logger LOG = LoggerFactory.getLogger(LoadGate.class);

    private final LetterState state;
    private final ParkedKeys parked;
    private final Map<String, OpenLoad> loads = new HashMap<>();

    private LoadGate(LetterState state, ParkedKeys parked) {
        this.state = state;
        this.parked = parked;
    }

    static LoadGate restored(LetterState state, ParkedKeys parked) {
        LoadGate gate = new LoadGate(state, parked);
        state.eachLoad((topic, stored) -> gate.loads.put(topic, OpenLoad.read(stored)));
        return gate;
    }

    void begin(Place place, LoadMarker begin) {
        put(place.topic(), OpenLoad.begun(begin, place.offset()));
    }

    /** Whether rows of a load of this topic's table may still come. */
    boolean isLoading(String topic) {
        OpenLoad load = loads.get(topic);
        return load != null && !load.hasEnded();
    }

    /** A record of this topic is a dead letter, and will never be tried again. */
    void lose(String topic) {
        OpenLoad load = loads.get(topic);
        if (load != null && !load.hasEnded()) {
            put(topic, load.losingOne());
        }
    }

    /** Takes note of an end; says whether it may go on now. */
    boolean end(Place place, LoadMarker end) {
        String topic = place.topic();
        if (!end.sweep()) {
            // Nothing is deleted after it.
            put(topic, null);
            return true;
        }
        OpenLoad load = loads.get(topic);
        if (load == null || !load.marker().load().equals(end.load())) {
            // Its begin was not met: whatever is parked may have come since.
            load = OpenLoad.begun(end, -1);
        }
        dropWhatIsGone(topic, load.beganAt());
        load = load.ended(end, place.offset());
        if (isFree(topic, load)) {
            put(topic, null);
            return true;
        }
        LOG.warn(
                "Load {} of table {} has shown rows that lie among the dead letters ({} keys are parked, {} records are lost): "
                        + "target rows that it did not show stay until those are replayed, or the table is read again",
                end.load(),
                end.table(),
                parked.of(topic).size(),
                load.lost());
        put(topic, load);
        return false;
    }

    private void dropWhatIsGone(String topic, long beganAt) {
        for (ParkedKey key : parked.of(topic)) {
            if (parked.lastOffset(key) < beganAt) {
                parked.remove(key);
            }
        }
    }

    private boolean isFree(String topic, OpenLoad load) {
        return load.lost() == 0
                && parked.of(topic).stream().noneMatch(key -> parked.hasBetween(key, load.beganAt(), load.endedAt()));
    }

    /** The end that waited and may go on now that keys of this topic were unparked. */
    Optional<LoadMarker> released(String topic) {
        OpenLoad load = loads.get(topic);
        if (load == null || !load.hasEnded() || !isFree(topic, load)) {
            return Optional.empty();
        }
        put(topic, null);
        return Optional.of(load.marker());
    }

    private void put(String topic, @Nullable OpenLoad load) {
        if (load == null) {
            loads.remove(topic);
        } else {
            loads.put(topic, load);
        }
        state.putLoad(topic, load == null ? null : load.stored());
    }
}
