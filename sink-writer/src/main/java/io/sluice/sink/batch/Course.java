package io.sluice.sink.batch;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.Unchanged;
import org.jspecify.annotations.Nullable;

/**
 * How the column by which a person is to decide goes through the changes of one key: what has to be compared with the target, and
 * where it goes back by itself. Equal does not go back, and nothing (null) is earlier than anything. Belongs to one thread.
 */
public final class Course {

    private final String by;
    private final boolean deletesGo;
    private @Nullable Row first;
    private int firstAt = -1;
    private int backAt = -1;
    private boolean known;
    private @Nullable Object last;
    private int size;

    /** @param rules of a table whose conflicts a person decides */
    public Course(WriteRules rules) {
        this.by = rules.decided().orElseThrow();
        this.deletesGo = rules.mark().isEmpty() && !rules.ignoresDeletes();
    }

    /** The next change of the key. */
    public void add(RowChange change) {
        int at = size++;
        if (backAt >= 0) {
            return;
        }
        if (!(change instanceof RowChange.Upsert upsert)) {
            if (deletesGo) {
                known = true;
                last = null;
            }
            return;
        }
        Row row = upsert.row();
        int column = row.schema().indexOf(by);
        if (column < 0 || row.value(column) == Unchanged.UNCHANGED) {
            return;
        }
        Object value = row.value(column);
        if (!known) {
            first = row;
            firstAt = at;
        } else if (last != null && (value == null || Latest.compare(value, last) < 0)) {
            backAt = at;
            return;
        }
        known = true;
        last = value;
    }

    /** The first row that meets what the target has; null if none does. */
    public @Nullable Row first() {
        return first;
    }

    /** The place of {@link #first}. */
    public int firstAt() {
        return firstAt;
    }

    /** The place of the first change that is older than the one before it; -1 if none is. */
    public int backAt() {
        return backAt;
    }

    public boolean isSingle() {
        return size == 1;
    }
}
