package io.sluice.schemas.codec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import org.jspecify.annotations.Nullable;

/** Changes of one source table to bytes. Not safe for use by several threads. */
public final class ChangeEncoder {

    private final RowCodec codec;
    private final int schemaId;
    private final AvroOutput out = new AvroOutput();

    public ChangeEncoder(TableId table, RowSchema row, int schemaId) {
        this.codec = new RowCodec(row, RowSchemas.record(row, ChangeSchemas.namespace(table)));
        this.schemaId = schemaId;
    }

    public byte[] encode(Change change) {
        out.begin(schemaId);
        if (change instanceof Change.Upserted upserted) {
            out.writeString(Operation.UPSERT.text());
            write(upserted.before());
            write(upserted.after());
            writeUnchanged(upserted.after());
        } else {
            boolean deleted = change instanceof Change.Deleted;
            out.writeString(deleted ? Operation.DELETE.text() : Operation.TRUNCATE.text());
            write(change instanceof Change.Deleted gone ? gone.before() : null);
            write((Row) null);
            out.writeLong(0);
        }
        write(change.provenance());
        return out.finish();
    }

    private void write(@Nullable Row row) {
        out.writeLong(row == null ? 0 : 1);
        if (row != null) {
            codec.write(row, out);
        }
    }

    private void writeUnchanged(Row row) {
        int count = 0;
        for (int i = 0; i < codec.schema().size(); i++) {
            count += row.isUnchanged(i) ? 1 : 0;
        }
        if (count > 0) {
            out.writeLong(count);
            for (int i = 0; i < codec.schema().size(); i++) {
                if (row.isUnchanged(i)) {
                    out.writeString(codec.schema().column(i).name());
                }
            }
        }
        out.writeLong(0);
    }

    private void write(Provenance provenance) {
        out.writeLong(provenance.position().epoch());
        out.writeLong(provenance.position().boundary());
        out.writeLong(provenance.position().order());
        out.writeLong(provenance.commitTimeMicros());
        String transaction = provenance.transaction();
        out.writeLong(transaction == null ? 0 : 1);
        if (transaction != null) {
            out.writeString(transaction);
        }
        out.writeBoolean(provenance.kind() == Provenance.Kind.SNAPSHOT);
    }
}
