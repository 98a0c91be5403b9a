package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Where transactions stay whole and in order. Their changes are counted against the end's number, and their rows are counted anew
 * for whoever applies them. Nothing is skipped: what can't become rows stops the service, and its transaction stays without an
 * end.
 *
 * <p>A commit may fall into a transaction, so what is open is stored with it.
 */
final class OrderedIntake implements Intake {

    static final String STORE = "transaction";
    private static final String KEY = "open";

    private final ChangeMapper mapper;
    private final MarkerOutput markers;
    private final BoundOutput bounds;
    private @Nullable KeyValueStore<String, byte[]> store;
    private @Nullable OpenTransaction open;

    OrderedIntake(ChangeMapper mapper, MarkerOutput markers, BoundOutput bounds) {
        this.mapper = mapper;
        this.markers = markers;
        this.bounds = bounds;
    }

    /** Cached: what is put for each record is written once for each commit. */
    static StoreBuilder<KeyValueStore<String, byte[]>> state() {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled();
    }

    @Override
    public void open(ProcessorContext<RoutedKey, byte @Nullable []> context) {
        KeyValueStore<String, byte[]> restored = context.getStateStore(STORE);
        byte[] stored = restored.get(KEY);
        store = restored;
        open = stored == null ? null : OpenTransaction.read(stored);
    }

    private void set(@Nullable OpenTransaction now) {
        KeyValueStore<String, byte[]> into = store;
        if (into == null) {
            throw new IllegalStateException("a record before the state is open");
        }
        open = now;
        into.put(KEY, now == null ? null : now.stored());
    }

    @Override
    public void take(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        try {
            byte[] value = record.value();
            if (value == null) {
                mark(record, place, out);
            } else {
                change(mapper.decode(record.key(), value, place.topic()), place, record.timestamp(), out);
            }
        } catch (UnfitRecordException e) {
            throw new HaltException(
                    e.verdict().code(), e.verdict().problem(), place.toString(), ChangeProcessor.REMEDY);
        } catch (MalformedRecordException e) {
            throw new HaltException(
                    "RECORD_UNREADABLE",
                    "the record can't be read: " + e.getMessage(),
                    place.toString(),
                    ChangeProcessor.REMEDY);
        }
    }

    private void change(
            ChangeMapper.Decoded decoded,
            Place place,
            long timestampMillis,
            List<Record<RoutedKey, byte @Nullable []>> out)
            throws UnfitRecordException {
        OpenTransaction in = open;
        boolean loaded = decoded.change().provenance().kind() == Provenance.Kind.SNAPSHOT;
        if (loaded != (in == null)) {
            throw torn(
                    loaded
                            ? "a row that a load read stands inside a transaction"
                            : "a change stands outside a transaction",
                    place);
        }
        if (in != null && in.rows() == 0) {
            // Ahead of its first row, and taken back where it has none after all.
            out.add(bounds.record(in.begin(), place.origin(0), timestampMillis));
        }
        int before = out.size();
        if (decoded.change() instanceof Change.Truncated truncated) {
            truncate(truncated, decoded.input(), place, timestampMillis, out);
        } else {
            mapper.rows(decoded, place, timestampMillis, out);
        }
        int made = out.size() - before;
        if (made == 0) {
            out.clear();
        }
        if (in != null) {
            set(in.with(made));
        }
    }

    private void truncate(
            Change.Truncated change,
            ChangeInput input,
            Place place,
            long timestampMillis,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        for (ChangeInput.Route route : input.routes()) {
            bounds.requireTruncatable(route.mapping().table());
            out.add(bounds.truncate(
                    route.mapping().source(),
                    route.mapping().table(),
                    change.provenance(),
                    place.origin(out.size()),
                    timestampMillis));
        }
    }

    private void mark(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out)
            throws MalformedRecordException {
        Function<String, byte @Nullable []> headers = name -> header(record.headers(), name);
        TransactionMarker bound = TransactionMarker.read(headers);
        LoadMarker marker = bound == null ? LoadMarker.read(headers) : null;
        if (record.key() != null || (bound == null && marker == null)) {
            throw new MalformedRecordException("it has no value");
        }
        if (marker != null) {
            if (open != null) {
                throw torn("the marker of a load stands inside a transaction", place);
            }
            markers.requireOf(marker, place.topic());
            markers.append(marker, place, record.timestamp(), out);
        } else if (bound != null && bound.kind() == TransactionMarker.Kind.BEGIN) {
            if (open != null) {
                throw torn("a transaction begins inside another", place);
            }
            set(OpenTransaction.begun(bound));
        } else if (bound != null) {
            end(bound, place, record.timestamp(), out);
        }
    }

    private void end(
            TransactionMarker end, Place place, long timestampMillis, List<Record<RoutedKey, byte @Nullable []>> out) {
        OpenTransaction in = open;
        if (in == null || !in.isEndedBy(end)) {
            throw torn("a transaction ends that did not begin", place);
        }
        if (in.changes() != end.changes()) {
            throw torn("a transaction of " + end.changes() + " changes came with " + in.changes() + " of them", place);
        }
        if (in.rows() > 0) {
            out.add(bounds.record(
                    in.begin().end(end.position(), in.rows()), place.origin(out.size()), timestampMillis));
        }
        set(null);
    }

    private static byte @Nullable [] header(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? null : header.value();
    }

    private static HaltException torn(String problem, Place place) {
        return new HaltException(
                "TRANSACTION_TORN",
                problem,
                place.toString(),
                "The topic lost records, or something else wrote to it. Nothing of the transaction is applied. See the runbook.");
    }
}
