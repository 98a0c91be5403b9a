package io.sluice.schemas.codec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Unchanged;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Bytes to changes of one source table. Not safe for use by several threads. */
public final class ChangeDecoder {

    private final TableId table;
    private final RowCodec codec;
    private final boolean wholeBefore;
    private final AvroInput in = new AvroInput();

    /** @throws MalformedRecordException if that schema is not one of a table's changes */
    public ChangeDecoder(Schema writer) throws MalformedRecordException {
        Schema record = ChangeSchemas.rowRecord(writer);
        this.codec = new RowCodec(RowSchemas.rowSchema(record), record);
        this.table = ChangeSchemas.table(writer, codec.schema());
        this.wholeBefore = ChangeSchemas.wholeBefore(writer);
    }

    public TableId table() {
        return table;
    }

    public RowSchema schema() {
        return codec.schema();
    }

    /** Whether its writer promised the whole row before with every update and delete. */
    public boolean wholeBefore() {
        return wholeBefore;
    }

    /** @param key what the record's key says; null in the record of a truncated table alone */
    public Change decode(byte[] record, @Nullable Key key) throws MalformedRecordException {
        in.begin(record);
        Operation operation = Operation.of(in.readString());
        @Nullable Object[] before = readRow();
        @Nullable Object[] after = readRow();
        markUnchanged(after);
        Provenance provenance = readProvenance();
        in.finish();
        if (operation == Operation.TRUNCATE) {
            return new Change.Truncated(table, provenance);
        }
        if (key == null) {
            throw new MalformedRecordException("a change without a key");
        }
        Row rowBefore = before == null ? null : new Row(codec.schema(), before);
        if (operation == Operation.DELETE) {
            return new Change.Deleted(table, key, rowBefore, provenance);
        }
        if (after == null) {
            throw new MalformedRecordException("an upsert without a row");
        }
        return new Change.Upserted(table, key, new Row(codec.schema(), after), rowBefore, provenance);
    }

    private @Nullable Object @Nullable [] readRow() throws MalformedRecordException {
        return in.readInt() == 0 ? null : codec.read(in);
    }

    private void markUnchanged(@Nullable Object @Nullable [] after) throws MalformedRecordException {
        for (int left = in.readSize(); left > 0; left = in.readSize()) {
            for (int i = 0; i < left; i++) {
                int index = codec.schema().indexOf(in.readString());
                if (index < 0 || after == null) {
                    throw new MalformedRecordException("it calls a column unchanged that it does not have");
                }
                after[index] = Unchanged.UNCHANGED;
            }
        }
    }

    private Provenance readProvenance() throws MalformedRecordException {
        int epoch = in.readInt();
        long boundary = in.readLong();
        long order = in.readLong();
        if (epoch < 1 || order < 0) {
            throw new MalformedRecordException("its position is none");
        }
        long committedAt = in.readLong();
        String transaction = in.readInt() == 0 ? null : in.readString();
        Provenance.Kind kind = in.readBoolean() ? Provenance.Kind.SNAPSHOT : Provenance.Kind.STREAM;
        return new Provenance(new Position(epoch, boundary, order), committedAt, transaction, kind);
    }
}
