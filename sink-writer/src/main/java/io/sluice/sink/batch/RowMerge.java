package io.sluice.sink.batch;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import org.jspecify.annotations.Nullable;

/** What is left of two rows of one key where one comes after the other: the same that the target would be left with. */
final class RowMerge {

    private final WriteRules rules;
    private final RowSchema schema;
    private final boolean[] changes;
    private final boolean changesAll;
    private final int latest;

    /** @param schema of both rows */
    RowMerge(WriteRules rules, RowSchema schema) {
        this.rules = rules;
        this.schema = schema;
        this.changes = new boolean[schema.size()];
        boolean all = true;
        for (int i = 0; i < changes.length; i++) {
            changes[i] = rules.changes(schema.column(i).name());
            all &= changes[i];
        }
        this.changesAll = all;
        this.latest = rules.latest().map(schema::indexOf).orElse(-1);
    }

    /** Whether the later one changes nothing. */
    boolean keeps(Row earlier, Row later) {
        return rules.keepsFirst() || isOlder(later, earlier);
    }

    /** Where the earlier one is not kept. The later row may have values that are not known: those stay. */
    Row of(Row earlier, Row later) {
        if (changesAll && later.isWhole()) {
            return later;
        }
        @Nullable Object[] values = new Object[schema.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = later.value(i);
            values[i] = value == Unchanged.UNCHANGED || !changes[i] ? earlier.value(i) : value;
        }
        return new Row(schema, values);
    }

    /** As the statements decide it: equal is not older, and nothing is older than nothing. */
    private boolean isOlder(Row later, Row earlier) {
        if (latest < 0) {
            return false;
        }
        Object before = earlier.value(latest);
        Object after = later.value(latest);
        if (before == null || before == Unchanged.UNCHANGED || after == Unchanged.UNCHANGED) {
            return false;
        }
        return after == null || Latest.compare(after, before) < 0;
    }
}
