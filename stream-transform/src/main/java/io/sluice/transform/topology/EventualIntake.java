package io.sluice.transform.topology;

import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Where keys go side by side: what can't become rows goes to the dead letters, later changes of its key follow it there, and the
 * rest goes on.
 *
 * <p>A row that a load has read is the exception: it is whole, and newer than all that its key has waiting. Where it can be mapped
 * it goes through, and what waited is dropped. In best effort so does each change that tells all of its row: none waits then for an
 * older one, and none that is older can come back.
 */
final class EventualIntake implements Intake {

    private final ChangeMapper mapper;
    private final MarkerOutput markers;
    private final LetterOutput letters;
    private final TransformMeters meters;
    private final DeadLettersSpec limits;
    private final String requests;
    private final boolean goesOn;
    private @Nullable Open open;

    /** What a task knows, once its state is there. */
    private record Open(LetterState state, ParkedKeys parked, LoadGate loads, Breaker breaker, Replays replays) {}

    /**
     * @param requests the topic of the service's requests
     * @param goesOn whether a change that tells all of its row need not wait for dead letters of its key
     */
    EventualIntake(
            ChangeMapper mapper,
            MarkerOutput markers,
            LetterOutput letters,
            TransformMeters meters,
            DeadLettersSpec limits,
            String requests,
            boolean goesOn) {
        this.mapper = mapper;
        this.markers = markers;
        this.letters = letters;
        this.meters = meters;
        this.limits = limits;
        this.requests = requests;
        this.goesOn = goesOn;
    }

    @Override
    public void open(ProcessorContext<RoutedKey, byte @Nullable []> context) {
        LetterState state = LetterState.of(context);
        ParkedKeys parked = ParkedKeys.restored(state, limits, meters);
        LoadGate loads = LoadGate.restored(state, parked);
        open = new Open(
                state,
                parked,
                loads,
                Breaker.restored(limits.most(), limits.of(), state.breaker()),
                new Replays(mapper, parked, loads));
    }

    @Override
    public void take(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        Open here = open;
        if (here == null) {
            throw new IllegalStateException("a record before the state is open");
        }
        if (place.topic().equals(requests)) {
            here.replays().take(record, place, out).ifPresent(topic -> release(here, topic, record, place, out));
            return;
        }
        here.breaker().count();
        ParkedKey settled = null;
        try {
            byte[] value = record.value();
            if (value == null) {
                passOn(here, record, place, out);
                return;
            }
            ParkedKey waiting = here.parked().isEmpty() ? null : waiting(here.parked(), record, place);
            ChangeMapper.Decoded decoded = mapper.decode(record.key(), value, place.topic());
            refuseTruncated(decoded.change());
            if (waiting != null && goesOn && decoded.input().tellsAll(decoded.change())) {
                settled = waiting;
            } else if (waiting != null && !isLoaded(decoded.change())) {
                throw UnfitRecordException.parked(decoded.change().provenance().position());
            }
            mapper.rows(decoded, place, record.timestamp(), out);
            if (waiting != null) {
                here.parked().remove(waiting);
                release(here, place.topic(), record, place, out);
            }
        } catch (UnfitRecordException e) {
            out.clear();
            if (settled != null) {
                // It is unfit itself, and yet newer than all that waits.
                here.parked().remove(settled);
            }
            refuse(here, record, place, e.verdict(), out);
        }
    }

    private static @Nullable ParkedKey waiting(
            ParkedKeys parked, Record<byte @Nullable [], byte @Nullable []> record, Place place) {
        ParkedKey key = ParkedKey.of(place.topic(), record.key());
        return key != null && parked.holds(key) ? key : null;
    }

    private static boolean isLoaded(Change change) {
        return change instanceof Change.Upserted upserted
                && upserted.provenance().kind() == Provenance.Kind.SNAPSHOT
                && upserted.after().isWhole();
    }

    /** As a dead letter it would leave behind the rows that it took away, and no key to park. */
    private static void refuseTruncated(Change change) {
        if (change instanceof Change.Truncated) {
            throw new HaltException(
                    "RECORD_REJECTED",
                    "the table " + change.table()
                            + " was truncated, and its other rows are elsewhere: there is no right moment to empty the target",
                    null,
                    ChangeProcessor.REMEDY);
        }
    }

    private void refuse(
            Open here,
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            Verdict verdict,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        boolean follows = verdict.reason() == Reason.PARKED;
        if (!follows) {
            if (!here.breaker().admits()) {
                throw new HaltException(
                        "DEAD_LETTERS_TOO_MANY",
                        "more than " + limits.most() + " of the last " + limits.of()
                                + " records of this partition can't become rows; the last one: " + verdict.problem(),
                        place.toString(),
                        "That many bad records are mostly one bad setting: look into the dead letters, mend the cause, and start "
                                + "again. Where the data is that bad, raise `dead-letters: {most: …}` of the service.");
            }
            here.state().putBreaker(here.breaker().state());
        }
        byte[] key = record.key();
        ParkedKey name = ParkedKey.of(place.topic(), key);
        if (name != null && key != null && (follows || mapper.isKey(key))) {
            here.parked().park(name, place, key, record.value());
        } else {
            here.loads().lose(place.topic());
        }
        out.add(letters.record(record, place, verdict));
    }

    /** What has no value can only be a marker: it goes to every partition that rows of its table may go to. */
    private void passOn(
            Open here,
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out)
            throws UnfitRecordException {
        try {
            LoadMarker marker = LoadMarker.read(name -> {
                Header header = record.headers().lastHeader(name);
                return header == null ? null : header.value();
            });
            if (marker == null || record.key() != null) {
                throw new MalformedRecordException("it has no value");
            }
            markers.requireOf(marker, place.topic());
            if (marker.kind() == LoadMarker.Kind.BEGIN) {
                here.loads().begin(place, marker);
            } else if (!here.loads().end(place, marker)) {
                return;
            }
            markers.append(marker, place, record.timestamp(), out);
        } catch (MalformedRecordException e) {
            throw UnfitRecordException.unreadable("RECORD_UNREADABLE", e.getMessage());
        }
    }

    private void release(
            Open here,
            String topic,
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        here.loads().released(topic).ifPresent(end -> markers.append(end, place, record.timestamp(), out));
    }

    @Override
    public void close() {
        if (open != null) {
            open.parked().leave();
            open = null;
        }
    }
}
