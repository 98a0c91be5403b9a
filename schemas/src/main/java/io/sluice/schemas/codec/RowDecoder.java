package io.sluice.schemas.codec;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Bytes to rows of one target table. Not safe for use by several threads. */
public final class RowDecoder {

    private final RowCodec codec;
    private final AvroInput in = new AvroInput();

    /** @throws MalformedRecordException if that schema is not one of a table's rows */
    public RowDecoder(Schema writer) throws MalformedRecordException {
        this.codec = new RowCodec(RowSchemas.rowSchema(writer), writer);
    }

    public RowSchema schema() {
        return codec.schema();
    }

    /** @param unchanged names of the columns that the record's headers say were left out */
    public Row decode(byte[] record, List<String> unchanged) throws MalformedRecordException {
        in.begin(record);
        @Nullable Object[] values = codec.read(in);
        in.finish();
        for (String column : unchanged) {
            int index = codec.schema().indexOf(column);
            if (index < 0) {
                throw new MalformedRecordException("its headers name a column that it does not have");
            }
            values[index] = Unchanged.UNCHANGED;
        }
        return new Row(codec.schema(), values);
    }
}
