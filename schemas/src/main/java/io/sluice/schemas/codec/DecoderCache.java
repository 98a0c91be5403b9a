package io.sluice.schemas.codec;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * The decoder of each schema id that was met, compiled once. Not safe for use by several threads, as its decoders aren't.
 *
 * @param <D> the kind of decoder
 */
public final class DecoderCache<D> {

    /** Compiles a decoder. */
    public interface Compiler<D> {
        D compile(Schema writer) throws MalformedRecordException;
    }

    private final SchemaStore store;
    private final Compiler<D> compiler;
    private final Map<Integer, D> decoders = new HashMap<>();

    public DecoderCache(SchemaStore store, Compiler<D> compiler) {
        this.store = store;
        this.compiler = compiler;
    }

    /** The decoder for this record, by the schema id in front of it. */
    public D of(byte[] record) throws MalformedRecordException, UnknownSchemaException {
        int id = Wire.schemaId(record);
        D decoder = decoders.get(id);
        if (decoder == null) {
            decoder = compiler.compile(store.byId(id));
            decoders.put(id, decoder);
        }
        return decoder;
    }
}
