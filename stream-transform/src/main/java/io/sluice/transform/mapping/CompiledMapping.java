package io.sluice.transform.mapping;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.MappingResult.Mapped;
import io.sluice.transform.mapping.MappingResult.Rejected;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From changes of one source table, of one shape, to changes of rows of one target table. Pure, immutable, and safe for use
 * by several threads.
 */
public final class CompiledMapping {

    private final TableId source;
    private final TargetTable table;
    private final RowSchema target;
    private final ColumnStep[] steps;
    private final KeyPlan key;

    CompiledMapping(TableId source, TargetTable table, RowSchema target, ColumnStep[] steps, KeyPlan key) {
        this.source = source;
        this.table = table;
        this.target = target;
        this.steps = steps;
        this.key = key;
    }

    public TableId source() {
        return source;
    }

    public TargetTable table() {
        return table;
    }

    /** The target's columns and key: what the table is made from. */
    public RowSchema target() {
        return target;
    }

    public RowSchema keySchema() {
        return key.schema();
    }

    /**
     * Whether each target row comes from one row of this source table, for good. Changes of a target row then follow one
     * another in one partition, and no stale one can come after a newer one.
     */
    public boolean isKeyedAsSource() {
        return key.injective();
    }

    public MappingResult apply(Change change) {
        if (change instanceof Change.Upserted upserted) {
            return key.fromSourceKey() ? upsertInPlace(upserted) : upsertAnywhere(upserted);
        }
        if (change instanceof Change.Deleted deleted) {
            return delete(deleted);
        }
        return new Rejected(
                "the table was truncated, and its other rows are elsewhere: there is no right moment to empty "
                        + "the target");
    }

    private MappingResult upsertInPlace(Change.Upserted change) {
        if (!key.fits(change.key())) {
            return otherKey();
        }
        Key at = key.of(change.key());
        return new Mapped(List.of(new RowChange.Upsert(table, at, map(change.after()), change.provenance())));
    }

    /** The target's key is made of columns that an update may change: then the row leaves its old place. */
    private MappingResult upsertAnywhere(Change.Upserted change) {
        Row after = change.after();
        String missing = key.problemWith(after);
        if (missing != null) {
            return new Rejected(missing);
        }
        Key at = key.of(after);
        Row before = change.before();
        // An insert has no row before; an update has one, or this mapping would not have been compiled.
        if (before == null || key.problemWith(before) != null || key.of(before).equals(at)) {
            return new Mapped(List.of(new RowChange.Upsert(table, at, map(after), change.provenance())));
        }
        Row moved = map(after, before);
        if (!moved.isWhole()) {
            return new Rejected("the row takes another key at the target, but the log left out some of its columns");
        }
        return new Mapped(List.of(
                new RowChange.Delete(table, key.of(before), change.provenance()),
                new RowChange.Upsert(table, at, moved, change.provenance())));
    }

    private MappingResult delete(Change.Deleted change) {
        if (key.fromSourceKey()) {
            return key.fits(change.key())
                    ? new Mapped(List.of(new RowChange.Delete(table, key.of(change.key()), change.provenance())))
                    : otherKey();
        }
        Row before = change.before();
        if (before == null) {
            return new Rejected("the log does not say what the deleted row was, so its key at the target is not known");
        }
        String missing = key.problemWith(before);
        if (missing != null) {
            return new Rejected(missing);
        }
        return new Mapped(List.of(new RowChange.Delete(table, key.of(before), change.provenance())));
    }

    private MappingResult otherKey() {
        return new Rejected("its key has other columns than the key of " + source);
    }

    private Row map(Row row) {
        @Nullable Object[] values = new Object[steps.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = steps[i].of(row);
        }
        return new Row(target, values);
    }

    /** As {@link #map(Row)}; a value that the log left out is the one from before. */
    private Row map(Row row, Row before) {
        @Nullable Object[] values = new Object[steps.length];
        for (int i = 0; i < values.length; i++) {
            Object value = steps[i].of(row);
            values[i] = value == Unchanged.UNCHANGED ? steps[i].of(before) : value;
        }
        return new Row(target, values);
    }

    @Override
    public String toString() {
        return source + " -> " + table;
    }
}
