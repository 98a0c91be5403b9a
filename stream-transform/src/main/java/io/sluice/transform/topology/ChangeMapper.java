package io.sluice.transform.topology;

import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowChange;
import io.sluice.transform.mapping.MappingResult;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** From the bytes of a change to the records of its rows. Belongs to one thread. */
final class ChangeMapper {

    private final DecoderCache<KeyDecoder> keys;
    private final DecoderCache<ChangeInput> inputs;
    private final SplitRows splits;

    ChangeMapper(SchemaStore schemas, Routing routing, SplitRows splits) {
        this.keys = new DecoderCache<>(schemas, KeyDecoder::new);
        this.inputs = new DecoderCache<>(schemas, routing);
        this.splits = splits;
    }

    /** A change, and what is done with changes like it. */
    record Decoded(@Nullable Bytes key, Change change, ChangeInput input) {}

    /**
     * Reads a change.
     *
     * @param topic where it was found; a change of a table that belongs elsewhere is none
     */
    Decoded decode(byte @Nullable [] keyBytes, byte[] value, String topic) throws UnfitRecordException {
        try {
            ChangeInput input = inputs.of(value);
            if (!input.topic().equals(topic)) {
                throw new MalformedRecordException(
                        "it is of table " + input.decoder().table() + ", whose topic is another");
            }
            Key key = keyBytes == null ? null : keys.of(keyBytes).decode(keyBytes);
            Change change = input.decoder().decode(value, key);
            input.counter().run();
            return new Decoded(Bytes.wrap(keyBytes), change, input);
        } catch (MalformedRecordException e) {
            throw UnfitRecordException.unreadable("RECORD_UNREADABLE", e.getMessage());
        } catch (UnknownSchemaException e) {
            throw UnfitRecordException.unreadable("SCHEMA_UNKNOWN", e.getMessage());
        }
    }

    /** Whether the bytes are a key of some table of ours. */
    boolean isKey(byte[] bytes) {
        try {
            return keys.of(bytes).decode(bytes).size() > 0;
        } catch (MalformedRecordException | UnknownSchemaException e) {
            return false;
        }
    }

    /**
     * Appends the records of the change's rows. Where it fails some may have been appended, and are to be thrown away.
     *
     * @param origin what they are made from
     */
    void rows(Decoded decoded, Place origin, long timestampMillis, List<Record<RoutedKey, byte @Nullable []>> out)
            throws UnfitRecordException {
        Change change = decoded.change();
        splits.begin();
        for (ChangeInput.Route route : decoded.input().routes()) {
            if (route.drift() != null) {
                route.drift().look(change);
            }
            MappingResult result = route.mapping().apply(change);
            if (result instanceof MappingResult.Mapped mapped) {
                for (RowChange row : mapped.changes()) {
                    out.add(route.output().record(row, origin.origin(out.size()), timestampMillis));
                }
            } else if (result instanceof MappingResult.Children children) {
                splits.add(route, decoded.key(), children, origin, timestampMillis, out);
            } else if (result instanceof MappingResult.Rejected rejected) {
                throw UnfitRecordException.unmappable(
                        route.mapping().table(), rejected, change.provenance().position());
            }
        }
        splits.finish(origin, timestampMillis, out);
    }
}
