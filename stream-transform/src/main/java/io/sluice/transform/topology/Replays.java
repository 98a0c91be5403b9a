package io.sluice.transform.topology;

import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.ReplayRequest;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries parked changes again when that is asked for, key by key, each in its order, up to the first that fails again; it and what
 * is behind it stay. What went through is unparked in the Kafka transaction that holds its rows and the request's offset: so it is
 * done once, however often it is begun.
 *
 * <p>Its rows say that they come from the request. A sink takes what comes of a change partition in its order, and these are late.
 */
final class Replays {

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    private final ChangeMapper mapper;
    private final ParkedKeys parked;
    private final LoadGate loads;

    Replays(ChangeMapper mapper, ParkedKeys parked, LoadGate loads) {
        this.mapper = mapper;
        this.parked = parked;
        this.loads = loads;
    }

    /**
     * Does what the request asks. One that asks nothing we know is passed over: that does no harm, and halting would.
     *
     * @return the change topic that keys were unparked of
     */
    Optional<String> take(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        if (HeldRequest.read(record.headers(), record.key()).isPresent()) {
            // It is for the sinks.
            return Optional.empty();
        }
        ReplayRequest request =
                ReplayRequest.read(record.headers(), record.key()).orElse(null);
        if (request == null) {
            LOG.warn("A request at {} can't be read; it is passed over", place);
            return Optional.empty();
        }
        if (loads.isLoading(request.topic())) {
            // Changes from before the load may be of rows that it finds gone: replayed now, they would bring these
            // back.
            LOG.warn(
                    "Nothing of topic {} is replayed while its table is read again, which may settle it; ask once that is over",
                    request.topic());
            return Optional.empty();
        }
        int through = 0;
        int stuck = 0;
        for (ParkedKey key : keys(request)) {
            int done = replay(key, place, record.timestamp(), out);
            through += done;
            stuck += parked.holds(key) ? 1 : 0;
        }
        LOG.info(
                "Replayed {} parked changes of topic {} partition {}; {} keys that were asked for stay parked",
                through,
                request.topic(),
                place.partition(),
                stuck);
        return Optional.of(request.topic());
    }

    private List<ParkedKey> keys(ReplayRequest request) {
        if (request.key() == null) {
            return parked.of(request.topic());
        }
        ParkedKey key = ParkedKey.of(request.topic(), request.key().unsafeArray());
        return key == null || !parked.holds(key) ? List.of() : List.of(key);
    }

    private int replay(
            ParkedKey key, Place request, long timestampMillis, List<Record<RoutedKey, byte @Nullable []>> out) {
        int done = 0;
        for (long offset : parked.offsetsOf(key)) {
            int made = out.size();
            try {
                ParkedRecord waiting = parked.record(key, offset);
                if (waiting.value() == null) {
                    return done;
                }
                mapper.rows(
                        mapper.decode(
                                waiting.key().unsafeArray(), waiting.value().unsafeArray(), key.topic()),
                        request,
                        timestampMillis,
                        out);
            } catch (UnfitRecordException e) {
                out.subList(made, out.size()).clear();
                LOG.info("The change at {} offset {} still fails: {}", key.topic(), offset, e.getMessage());
                return done;
            }
            parked.remove(key, offset);
            done++;
        }
        return done;
    }
}
