package io.sluice.transform;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source table in a test, and changes of it, each at a later position than the one before. */
public final class SourceRows {

    private final TableId table;
    private final RowSchema schema;
    private long order;

    public SourceRows(TableId table, List<Column> columns, String... key) {
        this.table = table;
        this.schema = new RowSchema(table.table(), columns, List.of(key));
    }

    public static Column column(String name, LogicalType type, String declared) {
        return new Column(name, type, declared, true);
    }

    public static Column required(String name, LogicalType type, String declared) {
        return new Column(name, type, declared, false);
    }

    public TableId table() {
        return table;
    }

    public RowSchema schema() {
        return schema;
    }

    public Row row(@Nullable Object... values) {
        return new Row(schema, values);
    }

    public Change.Upserted insert(@Nullable Object... values) {
        Row row = row(values);
        return new Change.Upserted(table, row.key(schema.keySchema()), row, null, next());
    }

    public Change.Upserted update(Row before, Row after) {
        return new Change.Upserted(table, after.key(schema.keySchema()), after, before, next());
    }

    public Change.Deleted delete(Row before) {
        return new Change.Deleted(table, before.key(schema.keySchema()), before, next());
    }

    public Change.Deleted deleteByKey(Object... parts) {
        return new Change.Deleted(table, new Key(schema.keySchema(), parts), null, next());
    }

    public Change.Truncated truncate() {
        return new Change.Truncated(table, next());
    }

    private Provenance next() {
        order++;
        return new Provenance(
                new Position(1, 1000, order), 1_700_000_000_000_000L + order, "7", Provenance.Kind.STREAM);
    }
}
