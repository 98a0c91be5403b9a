package io.sluice.transform.mapping;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Documents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a target row gets its key. */
final class KeyPlan {

    private final RowSchema schema;
    private final ColumnStep[] steps;
    private final RowSchema source;
    private final int[] sourceKey;
    private final Documents documents;
    private final boolean fromSourceKey;
    private final boolean injective;

    /**
     * Takes the array over.
     *
     * @param steps the key's columns, in its order
     * @param fromSourceKey whether the source's key alone gives it: then no change of a row ever moves it
     * @param injective whether, moreover, no two rows of the source table share a target row
     */
    KeyPlan(
            RowSchema schema,
            ColumnStep[] steps,
            RowSchema source,
            Documents documents,
            boolean fromSourceKey,
            boolean injective) {
        this.schema = schema;
        this.steps = steps;
        this.source = source;
        this.sourceKey = source.keyColumns().stream().mapToInt(source::indexOf).toArray();
        this.documents = documents;
        this.fromSourceKey = fromSourceKey;
        this.injective = injective;
    }

    RowSchema schema() {
        return schema;
    }

    boolean fromSourceKey() {
        return fromSourceKey;
    }

    boolean injective() {
        return injective;
    }

    /**
     * For each column of the source's key, the column of this key that holds it as it is, at most in a wider type; empty if one
     * of them is not held so.
     */
    List<String> sourceKeyHere() {
        List<String> names = new ArrayList<>();
        for (int column : sourceKey) {
            for (ColumnStep step : steps) {
                if (step instanceof CopiedColumn copied && copied.from() == column && copied.otherwise() == null) {
                    names.add(copied.column().name());
                    break;
                }
            }
        }
        return names.size() == sourceKey.length ? names : List.of();
    }

    boolean fits(Key key) {
        return key.size() == sourceKey.length;
    }

    /** The source row as far as its key tells it. */
    SourceRow known(Key key) {
        @Nullable Object[] values = new Object[source.size()];
        Arrays.fill(values, Unchanged.UNCHANGED);
        for (int i = 0; i < sourceKey.length; i++) {
            values[sourceKey[i]] = key.part(i);
        }
        return new SourceRow(new Row(source, values), documents);
    }

    /**
     * The target's key.
     *
     * @throws UnfitKeyException if the row gives none
     */
    Key of(SourceRow row) {
        @Nullable Object[] parts = new Object[steps.length];
        for (int i = 0; i < parts.length; i++) {
            Object part = Steps.value(steps[i], row);
            if (part == Unchanged.UNCHANGED) {
                throw new UnfitKeyException(
                        "the log left out key column " + steps[i].column().name());
            }
            if (part == null && !schema.column(i).nullable()) {
                throw new UnfitKeyException("key column " + steps[i].column().name() + " would be null");
            }
            parts[i] = part;
        }
        return new Key(schema, parts);
    }
}
