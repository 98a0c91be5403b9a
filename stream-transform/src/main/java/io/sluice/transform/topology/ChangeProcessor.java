package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.RowChange;
import io.sluice.transform.mapping.MappingResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A change record in, row records out. A record is decoded, mapped and encoded as a whole before the first of its rows is
 * handed on, so that what stops it stops it whole.
 */
final class ChangeProcessor implements Processor<byte @Nullable [], byte @Nullable [], RoutedKey, byte @Nullable []> {

    private static final String REMEDY =
            "Nothing was skipped and nothing after it was committed. Mend the cause, then start the service again.";

    private final DecoderCache<KeyDecoder> keys;
    private final DecoderCache<ChangeInput> inputs;
    private final MarkerOutput markers;
    private final PolledRecords polled;
    private final List<Record<RoutedKey, byte @Nullable []>> outgoing = new ArrayList<>();
    private @Nullable ProcessorContext<RoutedKey, byte @Nullable []> context;
    private PolledRecords.@Nullable Count count;

    ChangeProcessor(SchemaStore schemas, Routing routing, MarkerOutput markers, PolledRecords polled) {
        this.keys = new DecoderCache<>(schemas, KeyDecoder::new);
        this.inputs = new DecoderCache<>(schemas, routing);
        this.markers = markers;
        this.polled = polled;
    }

    @Override
    public void init(ProcessorContext<RoutedKey, byte @Nullable []> given) {
        context = given;
        count = polled.ofThisThread();
        count.reset();
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        ProcessorContext<RoutedKey, byte @Nullable []> here = context;
        PolledRecords.Count left = count;
        if (here == null || left == null) {
            throw new IllegalStateException("process before init");
        }
        RecordMetadata place = here.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record of a source topic has a place"));
        outgoing.clear();
        transform(record, place);
        for (Record<RoutedKey, byte @Nullable []> made : outgoing) {
            here.forward(made);
        }
        if (left.drainedByOne()) {
            here.commit();
        }
    }

    private void transform(Record<byte @Nullable [], byte @Nullable []> record, RecordMetadata place) {
        try {
            decodeAndMap(record, place);
        } catch (MalformedRecordException e) {
            throw halt("RECORD_UNREADABLE", "the change can't be read: " + e.getMessage(), place);
        } catch (UnknownSchemaException e) {
            throw halt("SCHEMA_UNKNOWN", "the change can't be read: " + e.getMessage(), place);
        } catch (HaltException e) {
            throw e.place() != null ? e : new HaltException(e.code(), e.problem(), text(place), e.remedy());
        } catch (SluiceException e) {
            throw e;
        } catch (RuntimeException e) {
            // Its message is left out, for it may hold a value; the innermost frame says enough to find the fault.
            String at = e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
            throw halt("TRANSFORM_FAILED", "unexpected " + e.getClass().getName() + at, place);
        }
    }

    private void decodeAndMap(Record<byte @Nullable [], byte @Nullable []> record, RecordMetadata place)
            throws MalformedRecordException, UnknownSchemaException {
        byte[] value = record.value();
        if (value == null) {
            passOn(record, place);
            return;
        }
        ChangeInput input = inputs.of(value);
        if (!input.topic().equals(place.topic())) {
            throw new MalformedRecordException(
                    "it is of table " + input.decoder().table() + ", whose topic is another");
        }
        byte[] keyBytes = record.key();
        Key key = keyBytes == null ? null : keys.of(keyBytes).decode(keyBytes);
        Change change = input.decoder().decode(value, key);
        input.counter().run();
        for (ChangeInput.Route route : input.routes()) {
            MappingResult result = route.mapping().apply(change);
            if (result instanceof MappingResult.Mapped mapped) {
                for (RowChange row : mapped.changes()) {
                    Origin origin = new Origin(place.topic(), place.partition(), place.offset(), outgoing.size());
                    outgoing.add(route.output().record(row, origin, record.timestamp()));
                }
            } else if (result instanceof MappingResult.Rejected rejected) {
                throw halt(
                        "RECORD_REJECTED",
                        "the change can't become a row of " + route.mapping().table() + ": " + rejected.reason(),
                        place);
            }
        }
    }

    /** What has no value can only be a marker: it goes to every partition that rows of its table may go to. */
    private void passOn(Record<byte @Nullable [], byte @Nullable []> record, RecordMetadata place)
            throws MalformedRecordException {
        LoadMarker marker = LoadMarker.read(name -> {
            Header header = record.headers().lastHeader(name);
            return header == null ? null : header.value();
        });
        if (marker == null || record.key() != null) {
            throw new MalformedRecordException("it has no value");
        }
        outgoing.addAll(markers.of(marker, place, record.timestamp()));
    }

    private static HaltException halt(String code, String problem, RecordMetadata place) {
        return new HaltException(code, problem, text(place), REMEDY);
    }

    private static String text(RecordMetadata place) {
        return "topic " + place.topic() + " partition " + place.partition() + " offset " + place.offset();
    }

    @Override
    public void close() {
        if (count != null) {
            count.reset();
        }
    }
}
