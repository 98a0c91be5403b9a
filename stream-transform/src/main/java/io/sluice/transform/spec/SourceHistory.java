package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.SourceTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes changes of the steps of one spec as a source would: it knows the rows that the steps before have left. */
final class SourceHistory {

    private static final long FIRST_COMMIT_MICROS = 1_700_000_000_000_000L;

    private final Map<TableId, Map<Key, Row>> rows = new HashMap<>();
    private long order;

    Change insert(SourceTable table, PartialRow given) throws UnfitStepException {
        RowSchema schema = table.row();
        for (Column column : schema.columns()) {
            if (!column.nullable() && given.value(column.name()) == null) {
                throw new UnfitStepException("lacks column " + column.name() + ", which is not null", "");
            }
        }
        if (!given.over(null).isWhole()) {
            throw new UnfitStepException("a new row is whole", "write the value instead of " + ValueText.UNCHANGED);
        }
        Row row = given.over(null);
        Key key = row.key(schema.keySchema());
        if (known(table).putIfAbsent(key, row) != null) {
            throw new UnfitStepException("a row with this key is there already", "update it, or insert another key");
        }
        return new Change.Upserted(table.id(), key, row, null, next());
    }

    /** A changed key is a deletion and an upsert. */
    List<Change> update(SourceTable table, PartialRow given, Optional<PartialRow> before) throws UnfitStepException {
        PartialRow lookUp = before.orElse(given);
        Row old = old(table, lookUp, before);
        Row after = given.over(old);
        if (old == null) {
            List<String> missing = given.lacking(
                    table.row().columns().stream().map(Column::name).toList());
            if (!missing.isEmpty()) {
                throw new UnfitStepException(
                        "says nothing of " + String.join(", ", missing) + ", and no earlier step does",
                        "insert the row first, say what it was under before:, or name every column");
            }
        }
        Key key = key(table, after);
        Key oldKey = before.isPresent() && old != null ? key(table, old) : key;
        known(table).remove(oldKey);
        known(table).put(key, merged(after, old));
        if (table.wholeBefore() && old == null) {
            throw noRowBefore(table);
        }
        Row told = table.wholeBefore() ? old : null;
        if (key.equals(oldKey)) {
            return List.of(new Change.Upserted(table.id(), key, after, told, next()));
        }
        return List.of(
                new Change.Deleted(table.id(), oldKey, told, next()),
                new Change.Upserted(table.id(), key, after, null, next()));
    }

    Change delete(SourceTable table, PartialRow given, Optional<PartialRow> before) throws UnfitStepException {
        Row old = old(table, given, before);
        Key key = old == null ? key(table, given.over(null)) : key(table, old);
        known(table).remove(key);
        if (table.wholeBefore() && old == null) {
            throw noRowBefore(table);
        }
        return new Change.Deleted(table.id(), key, table.wholeBefore() ? old : null, next());
    }

    Change truncate(SourceTable table) {
        known(table).clear();
        return new Change.Truncated(table.id(), next());
    }

    private Map<Key, Row> known(SourceTable table) {
        return rows.computeIfAbsent(table.id(), id -> new HashMap<>());
    }

    /** The row as it was: as written, over what the earlier steps left; null where nobody says. */
    private @Nullable Row old(SourceTable table, PartialRow lookUp, Optional<PartialRow> before)
            throws UnfitStepException {
        List<String> missing = lookUp.lacking(table.row().keyColumns());
        if (!missing.isEmpty()) {
            throw new UnfitStepException("lacks " + String.join(", ", missing) + " of the key", "");
        }
        Row known = known(table).get(key(table, lookUp.over(null)));
        if (before.isEmpty()) {
            return known;
        }
        Row old = before.get().over(known);
        if (known == null && !before.get().lacking(nullChecked(table)).isEmpty()) {
            throw new UnfitStepException(
                    "before: lacks " + String.join(", ", before.get().lacking(nullChecked(table))),
                    "name every column, or insert the row in an earlier step");
        }
        return old;
    }

    /** Only where the row before is told does it matter what it was. */
    private static List<String> nullChecked(SourceTable table) {
        return table.wholeBefore()
                ? table.row().columns().stream().map(Column::name).toList()
                : table.row().keyColumns();
    }

    private static Key key(SourceTable table, Row row) throws UnfitStepException {
        for (String column : table.row().keyColumns()) {
            if (row.value(column) == Unchanged.UNCHANGED) {
                throw new UnfitStepException("key column " + column + " is always in the log", "write its value");
            }
        }
        return row.key(table.row().keySchema());
    }

    private static Row merged(Row after, @Nullable Row old) {
        @Nullable Object[] values = new Object[after.schema().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = after.isUnchanged(i) && old != null ? old.value(i) : after.value(i);
        }
        return new Row(after.schema(), values);
    }

    private static UnfitStepException noRowBefore(SourceTable table) {
        return new UnfitStepException(
                table.id() + " tells the row before, and no earlier step says what that was",
                "insert the row first, or say it under before:");
    }

    private Provenance next() {
        order++;
        return new Provenance(new Position(1, 1, order), FIRST_COMMIT_MICROS + order, "1", Provenance.Kind.STREAM);
    }
}
