package io.sluice.schemas.codec;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Bytes to keys of one table. Not safe for use by several threads. */
public final class KeyDecoder {

    private final RowCodec codec;
    private final AvroInput in = new AvroInput();

    /** @throws MalformedRecordException if that schema is not one of a table's keys */
    public KeyDecoder(Schema writer) throws MalformedRecordException {
        this.codec = new RowCodec(RowSchemas.rowSchema(writer), writer);
    }

    public RowSchema schema() {
        return codec.schema();
    }

    public Key decode(byte[] record) throws MalformedRecordException {
        in.begin(record);
        @Nullable Object[] parts = codec.read(in);
        in.finish();
        return new Key(codec.schema(), parts);
    }
}
