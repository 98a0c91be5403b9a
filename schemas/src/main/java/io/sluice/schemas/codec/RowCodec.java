package io.sluice.schemas.codec;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Writes and reads the columns of one record schema, in its order. Holds no state of a record. */
final class RowCodec {

    private final RowSchema schema;
    private final ValueCodec[] values;
    private final boolean[] nullable;

    RowCodec(RowSchema schema, Schema record) {
        this.schema = schema;
        this.values = new ValueCodec[schema.size()];
        this.nullable = new boolean[schema.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ValueCodec.of(schema.column(i).type());
            nullable[i] = AvroTypes.isNullable(record.getFields().get(i).schema());
        }
    }

    RowSchema schema() {
        return schema;
    }

    /** {@link Unchanged} is written as null; whoever calls says elsewhere which columns those are. */
    void write(@Nullable Object value, int column, AvroOutput out) {
        boolean absent = value == null || value == Unchanged.UNCHANGED;
        if (nullable[column]) {
            out.writeLong(absent ? 0 : 1);
        } else if (absent) {
            throw new IllegalArgumentException(
                    "key column " + schema.column(column).name() + " of " + schema.name() + " has no value");
        }
        if (value != null && !absent) {
            values[column].write(value, out);
        }
    }

    @Nullable
    Object[] read(AvroInput in) throws MalformedRecordException {
        @Nullable Object[] row = new Object[values.length];
        for (int i = 0; i < row.length; i++) {
            if (!nullable[i]) {
                row[i] = values[i].read(in);
                continue;
            }
            int branch = in.readInt();
            if (branch != 0 && branch != 1) {
                throw new MalformedRecordException(
                        "column " + schema.column(i).name() + " is neither null nor a value");
            }
            row[i] = branch == 0 ? null : values[i].read(in);
        }
        return row;
    }

    void write(Row row, AvroOutput out) {
        for (int i = 0; i < values.length; i++) {
            write(row.value(i), i, out);
        }
    }
}
