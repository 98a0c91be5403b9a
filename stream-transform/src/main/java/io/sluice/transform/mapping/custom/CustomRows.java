package io.sluice.transform.mapping.custom;

import io.sluice.schemas.mapper.RowChanges;
import io.sluice.schemas.mapper.RowMapper;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One mapper at work: calls it, and checks each row that it gives. Immutable; used by several threads. */
public final class CustomRows {

    private final RowMapper mapper;
    private final TargetTable table;
    private final RowSchema target;
    private final List<SqlType> types;
    private final boolean keepsSourceKey;

    /**
     * @param types of the target's columns, in their order
     * @param keepsSourceKey whether each row must carry the key of the change under its own names
     */
    public CustomRows(
            RowMapper mapper, TargetTable table, RowSchema target, List<SqlType> types, boolean keepsSourceKey) {
        this.mapper = mapper;
        this.table = table;
        this.target = target;
        this.types = List.copyOf(types);
        this.keepsSourceKey = keepsSourceKey;
    }

    public RowSchema target() {
        return target;
    }

    /**
     * What the mapper makes of a change.
     *
     * @param sourceKey its key
     * @throws UnfitRowException if it rejects the change, fails, or gives what is no row of the table
     */
    public List<RowChange> of(Change change, Key sourceKey) {
        Taken taken = new Taken(change, sourceKey);
        try {
            mapper.map(change, taken);
        } catch (UnfitRowException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            throw new UnfitRowException("the mapper fails with " + Thrown.text(e));
        }
        // It may have caught our exception; what it was told of stays so.
        if (taken.unfit != null) {
            throw taken.unfit;
        }
        return List.copyOf(taken.changes);
    }

    /** Belongs to one call. */
    private final class Taken implements RowChanges {

        private final Change change;
        private final Key sourceKey;
        private final List<RowChange> changes = new ArrayList<>();
        private @Nullable UnfitRowException unfit;

        Taken(Change change, Key sourceKey) {
            this.change = change;
            this.sourceKey = sourceKey;
        }

        @Override
        public void upsert(Map<String, ? extends @Nullable Object> row) {
            Row made = new Row(target, values(row, true));
            changes.add(new RowChange.Upsert(table, key(row), made, change.provenance()));
        }

        @Override
        public void delete(Map<String, ? extends @Nullable Object> key) {
            values(key, false);
            changes.add(new RowChange.Delete(table, key(key), change.provenance()));
        }

        @Override
        public void reject(String reason) {
            throw refuse("the mapper rejects it: " + reason);
        }

        private @Nullable Object[] values(Map<String, ? extends @Nullable Object> given, boolean row) {
            @Nullable Object[] values = new Object[target.size()];
            int known = 0;
            for (int i = 0; i < values.length; i++) {
                Column column = target.column(i);
                Object value = given.get(column.name());
                known += given.containsKey(column.name()) ? 1 : 0;
                if (value != null && value != Unchanged.UNCHANGED && !Fit.fits(value, types.get(i))) {
                    throw refuse("the mapper gives column " + column.name() + " what does not fit " + column.declared()
                            + ", a " + value.getClass().getSimpleName());
                }
                if (value == null && row && !column.nullable()) {
                    throw refuse("the mapper gives no value to column " + column.name());
                }
                values[i] = value;
            }
            if (known != given.size()) {
                throw refuse("the mapper gives a column that it did not declare");
            }
            return values;
        }

        private Key key(Map<String, ? extends @Nullable Object> given) {
            RowSchema schema = target.keySchema();
            @Nullable Object[] parts = new Object[schema.size()];
            for (int i = 0; i < parts.length; i++) {
                Object part = given.get(schema.column(i).name());
                if (part == null || part == Unchanged.UNCHANGED) {
                    throw refuse("the mapper leaves key column "
                            + schema.column(i).name() + (part == null ? " null" : " unknown"));
                }
                parts[i] = part;
            }
            Key key = new Key(schema, parts);
            if (keepsSourceKey) {
                requireSourceKey(key);
            }
            return key;
        }

        private void requireSourceKey(Key key) {
            for (int i = 0; i < sourceKey.size(); i++) {
                String name = sourceKey.schema().column(i).name();
                Object part = key.part(key.schema().indexOf(name));
                if (part == null || !part.equals(sourceKey.part(i))) {
                    throw refuse(
                            "the mapper gives key column " + name + " another value than the source's own key has");
                }
            }
        }

        private UnfitRowException refuse(String reason) {
            UnfitRowException refusal = new UnfitRowException(reason);
            unfit = refusal;
            return refusal;
        }
    }
}
