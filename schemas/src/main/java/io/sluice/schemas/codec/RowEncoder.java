package io.sluice.schemas.codec;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;

/** Rows of one target table to bytes. Not safe for use by several threads. */
public final class RowEncoder {

    private final RowCodec codec;
    private final int schemaId;
    private final AvroOutput out = new AvroOutput();

    /** @param namespace as the schema was registered with */
    public RowEncoder(RowSchema schema, String namespace, int schemaId) {
        this.codec = new RowCodec(schema, RowSchemas.record(schema, namespace));
        this.schemaId = schemaId;
    }

    /** Values that are unchanged are written as null: {@link RecordHeaders} names them. */
    public byte[] encode(Row row) {
        out.begin(schemaId);
        codec.write(row, out);
        return out.finish();
    }
}
