package io.sluice.transform.mapping;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.MappingResult.Cause;
import io.sluice.transform.mapping.MappingResult.Children;
import io.sluice.transform.mapping.MappingResult.Mapped;
import io.sluice.transform.mapping.MappingResult.Rejected;
import io.sluice.transform.mapping.expression.ExpressionException;
import io.sluice.transform.mapping.value.Documents;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From changes of one source table, of one shape, to changes of rows of one target table. Pure, immutable, and safe for use
 * by several threads.
 */
public sealed class CompiledMapping permits CustomMapping {

    private final TableId source;
    private final TargetTable table;
    private final @Nullable SourceExpression filter;
    private final Steps steps;
    private final Rules rules;
    private final KeyPlan key;
    private final Documents documents;
    private final @Nullable Splitter splitter;

    /**
     * @param filter which source rows have a target row; null: every one
     * @param splitter null where a source row gives one row
     */
    CompiledMapping(
            TableId source,
            TargetTable table,
            @Nullable SourceExpression filter,
            Steps steps,
            Rules rules,
            KeyPlan key,
            Documents documents,
            @Nullable Splitter splitter) {
        this.source = source;
        this.table = table;
        this.filter = filter;
        this.steps = steps;
        this.rules = rules;
        this.key = key;
        this.documents = documents;
        this.splitter = splitter;
    }

    public TableId source() {
        return source;
    }

    public TargetTable table() {
        return table;
    }

    /** The target's columns and key: what the table is made from. */
    public RowSchema target() {
        return steps.target();
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

    /**
     * Whether what the target is to hold of a source row follows from its latest whole version alone, whatever became of those before
     * it: they left nothing behind that only a look at the row before could tell, or what they left is remembered.
     */
    public boolean isMadeAnew() {
        return splitter != null || (filter == null && key.fromSourceKey());
    }

    /**
     * The columns of the target's key from which the source row can be found again: one for each column of the source's key, in
     * its order. Empty where the key alone does not tell it.
     */
    public List<String> sourceKeyAtTarget() {
        return key.sourceKeyHere();
    }

    public MappingResult apply(Change change) {
        try {
            if (splitter != null && !(change instanceof Change.Truncated)) {
                return children(splitter, change);
            }
            if (change instanceof Change.Upserted upserted) {
                return key.fromSourceKey() ? upsertInPlace(upserted) : upsertAnywhere(upserted);
            }
            if (change instanceof Change.Deleted deleted) {
                return delete(deleted);
            }
            return Rejected.of(
                    Cause.TRUNCATED,
                    "the table was truncated, and its other rows are elsewhere: there is no right moment to empty "
                            + "the target");
        } catch (UnfitValueException e) {
            return Rejected.of(Cause.VALUE, e.reason());
        } catch (UnfitKeyException e) {
            return Rejected.of(Cause.KEY, e.reason());
        } catch (ExpressionException e) {
            return Rejected.of(Cause.EXPRESSION, e.reason());
        }
    }

    private MappingResult children(Splitter split, Change change) {
        if (change instanceof Change.Deleted deleted) {
            return new Children(deleted.key(), List.of(), deleted.provenance());
        }
        Change.Upserted upserted = (Change.Upserted) change;
        SourceRow parent = row(filled(upserted.after(), upserted.before()));
        if (filter != null && !passes(filter, parent)) {
            return new Children(upserted.key(), List.of(), change.provenance());
        }
        List<RowChange.Upsert> rows = new ArrayList<>();
        Set<Key> keys = new HashSet<>();
        for (SourceRow row : split.split(parent)) {
            Key at = key.of(row);
            if (!keys.add(at)) {
                return Rejected.of(Cause.KEY, "two of its rows would have one key");
            }
            Row made = steps.of(row);
            if (!made.isWhole()) {
                return Rejected.of(Cause.VALUE, "the log left out some of the columns that its rows are made of");
            }
            Rejected broken = rules.brokenBy(made);
            if (broken != null) {
                return broken;
            }
            rows.add(new RowChange.Upsert(table, at, made, change.provenance()));
        }
        return new Children(upserted.key(), rows, change.provenance());
    }

    /** What the log left out is as it was before, where that is known. */
    private static Row filled(Row after, @Nullable Row before) {
        if (before == null || after.isWhole()) {
            return after;
        }
        @Nullable Object[] values = new Object[after.schema().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = after.isUnchanged(i) ? before.value(i) : after.value(i);
        }
        return new Row(after.schema(), values);
    }

    private MappingResult upsertInPlace(Change.Upserted change) {
        Key at = key.of(known(change.key()));
        SourceRow after = row(change.after());
        Row before = change.before();
        if (filter == null) {
            return upserted(at, steps.of(after), change);
        }
        if (passes(filter, after)) {
            // What was left out may be new to the target.
            return upserted(at, before == null ? steps.of(after) : steps.of(after, row(before)), change);
        }
        return mayBeThere(before) ? deleted(at, change) : new Mapped(List.of());
    }

    private static boolean passes(SourceExpression filter, SourceRow row) {
        if (filter.isLeftOut(row)) {
            throw new ExpressionException("where: the log left out what it reads");
        }
        try {
            return filter.holds(row);
        } catch (ExpressionException e) {
            throw e.of("where");
        }
    }

    /**
     * Whether the target may hold a row for this one as it was. Without a row before that is so, for what a load reads may have
     * been there in an earlier version; but where rows share a key, another one's row must not go for it.
     */
    private boolean mayBeThere(@Nullable Row before) {
        return before == null ? key.injective() : mayPass(before);
    }

    private boolean mayPass(Row before) {
        try {
            return filter == null || passes(filter, row(before));
        } catch (ExpressionException e) {
            return key.injective();
        }
    }

    /** The target's key is made of columns that an update may change: then the row leaves its old place. */
    private MappingResult upsertAnywhere(Change.Upserted change) {
        SourceRow after = row(change.after());
        // An insert has no row before; an update has one, or this mapping would not have been compiled.
        Key old = keyBefore(change.before());
        if (filter != null && !passes(filter, after)) {
            return old == null ? new Mapped(List.of()) : deleted(old, change);
        }
        Key at = key.of(after);
        if (old == null || old.equals(at)) {
            Row before = filter == null ? null : change.before();
            return upserted(at, before == null ? steps.of(after) : steps.of(after, row(before)), change);
        }
        Row moved = steps.of(after, row(Objects.requireNonNull(change.before())));
        Rejected broken = rules.brokenBy(moved);
        if (broken != null) {
            return broken;
        }
        if (!moved.isWhole()) {
            return Rejected.of(
                    Cause.KEY, "the row takes another key at the target, but the log left out some of its columns");
        }
        return new Mapped(List.of(
                new RowChange.Delete(table, old, change.provenance()),
                new RowChange.Upsert(table, at, moved, change.provenance())));
    }

    /** Where the row was at the target; null if it was not there. */
    private @Nullable Key keyBefore(@Nullable Row before) {
        if (before == null || !mayPass(before)) {
            return null;
        }
        try {
            return key.of(row(before));
        } catch (UnfitKeyException | UnfitValueException | ExpressionException e) {
            // Then it was rejected, and never came there.
            return null;
        }
    }

    private MappingResult delete(Change.Deleted change) {
        if (filter != null && change.before() != null && !mayPass(change.before())) {
            return new Mapped(List.of());
        }
        if (key.fromSourceKey()) {
            return deleted(key.of(known(change.key())), change);
        }
        Row before = change.before();
        if (before == null) {
            return Rejected.of(
                    Cause.KEY, "the log does not say what the deleted row was, so its key at the target is not known");
        }
        return deleted(key.of(row(before)), change);
    }

    private MappingResult upserted(Key at, Row row, Change change) {
        Rejected broken = rules.brokenBy(row);
        return broken != null ? broken : new Mapped(List.of(new RowChange.Upsert(table, at, row, change.provenance())));
    }

    private Mapped deleted(Key at, Change change) {
        return new Mapped(List.of(new RowChange.Delete(table, at, change.provenance())));
    }

    private SourceRow row(Row row) {
        return new SourceRow(row, documents);
    }

    private SourceRow known(Key sourceKey) {
        if (!key.fits(sourceKey)) {
            throw new UnfitKeyException("its key has other columns than the key of " + source);
        }
        return key.known(sourceKey);
    }

    @Override
    public String toString() {
        return source + " -> " + table;
    }
}
