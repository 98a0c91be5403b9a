package io.sluice.schemas.codec;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;

/** Keys of one table to bytes: equal keys to equal bytes. Not safe for use by several threads. */
public final class KeyEncoder {

    private final RowCodec codec;
    private final int schemaId;
    private final AvroOutput out = new AvroOutput();

    /** @param namespace as the schema was registered with */
    public KeyEncoder(RowSchema keySchema, String namespace, int schemaId) {
        this.codec = new RowCodec(keySchema, RowSchemas.keyRecord(keySchema, namespace));
        this.schemaId = schemaId;
    }

    public byte[] encode(Key key) {
        out.begin(schemaId);
        for (int i = 0; i < key.size(); i++) {
            codec.write(key.part(i), i, out);
        }
        return out.finish();
    }
}
