package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Unchanged;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of the log as changes of one table. Compiled once per description of the table in the log. */
final class TableChanges {

    private final TableId table;
    private final RowSchema row;
    private final RowSchema keySchema;
    private final int[] keyIndexes;
    private final RowTextDecoder values;

    TableChanges(TableId table, RowSchema row) {
        this.table = table;
        this.row = row;
        this.keySchema = row.keySchema();
        this.keyIndexes = row.keyColumns().stream().mapToInt(row::indexOf).toArray();
        this.values = new RowTextDecoder(row, "table " + table);
    }

    Change.Upserted inserted(Tuple after, Provenance provenance) {
        Row made = row(after, null, false);
        return new Change.Upserted(table, made.key(keySchema), made, null, provenance);
    }

    /** Whether the row has another key than before. */
    boolean changesKey(@Nullable Tuple before, Tuple after) {
        if (before == null || sameKeyText(before, after)) {
            return false;
        }
        // 1.0 and 1.00 are two texts of one key.
        return !key(before).equals(key(after, before));
    }

    private boolean sameKeyText(Tuple before, Tuple after) {
        for (int index : keyIndexes) {
            if (after.length(index) != Tuple.UNCHANGED && !before.sameText(index, after)) {
                return false;
            }
        }
        return true;
    }

    Change.Upserted updated(@Nullable Tuple before, boolean whole, Tuple after, boolean newKey, Provenance provenance) {
        Row made = row(after, before, whole);
        if (newKey && !made.isWhole()) {
            throw new HaltException(
                    "UNCHANGED_WITH_NEW_KEY",
                    "an update changed a row's key and left out a large value that it did not touch, so the row can't be "
                            + "written under its new key",
                    "table " + table,
                    "Run ALTER TABLE " + Identifiers.qualified(table.schema(), table.table())
                            + " REPLICA IDENTITY FULL at the source, then read the table again with `sluice backfill FILE --table "
                            + table + "`.");
        }
        Key key = before == null ? made.key(keySchema) : key(after, before);
        // Under its new key the row is new. The row before goes with the deletion of the old key; were it here too, a
        // reader
        // could remove it a second time, after another row has taken its place.
        Row old = whole && before != null && !newKey ? row(before, null, false) : null;
        return new Change.Upserted(table, key, made, old, provenance);
    }

    Change.Deleted deleted(Tuple before, boolean whole, Provenance provenance) {
        return new Change.Deleted(table, key(before), whole ? row(before, null, false) : null, provenance);
    }

    /** @param old where values stand that the statement did not touch; unless it is whole, only those of the key */
    private Row row(Tuple tuple, @Nullable Tuple old, boolean wholeOld) {
        if (tuple.count() != row.size()) {
            throw new IllegalStateException("the log has a row of " + tuple.count() + " columns for " + table);
        }
        @Nullable Object[] made = new Object[row.size()];
        for (int i = 0; i < made.length; i++) {
            made[i] = value(i, tuple, wholeOld || row.isKey(i) ? old : null);
        }
        return new Row(row, made);
    }

    /** The key as the log writes it. */
    List<String> keyTexts(@Nullable Tuple before, Tuple after) {
        List<String> texts = new ArrayList<>();
        for (int index : keyIndexes) {
            Tuple from = after.length(index) < 0 && before != null ? before : after;
            texts.add(from.text(index));
        }
        return texts;
    }

    private Key key(Tuple tuple) {
        return key(tuple, null);
    }

    /** A key column that the statement did not touch, and that is large, stands in the old row alone. */
    private Key key(Tuple tuple, @Nullable Tuple old) {
        @Nullable Object[] parts = new Object[keyIndexes.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = value(keyIndexes[i], tuple, old);
        }
        return new Key(keySchema, parts);
    }

    private @Nullable Object value(int column, Tuple tuple, @Nullable Tuple old) {
        int length = tuple.length(column);
        if (length >= 0) {
            return values.value(column, tuple.bytes(), tuple.from(column), length);
        }
        if (length == Tuple.NULL) {
            return null;
        }
        return old == null ? Unchanged.UNCHANGED : value(column, old, null);
    }
}
