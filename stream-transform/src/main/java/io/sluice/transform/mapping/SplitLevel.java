package io.sluice.transform.mapping;

import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One level of a split. Each row that it makes has two columns more than the one that it came from: which one it is, and the value. */
abstract sealed class SplitLevel permits SplitElements, SplitParts {

    private final RowSchema made;
    private final int limit;

    /** @param made the columns of the rows that it makes */
    SplitLevel(RowSchema made, int limit) {
        this.made = made;
        this.limit = limit;
    }

    final List<SourceRow> split(List<SourceRow> rows) {
        List<SourceRow> all = new ArrayList<>();
        for (SourceRow row : rows) {
            split(row, (which, value) -> {
                if (all.size() == limit) {
                    throw new UnfitValueException("it would become more than " + limit + " rows");
                }
                all.add(row.with(made, which, value));
            });
        }
        return all;
    }

    /** Takes one part or element. */
    interface Taker {
        void take(Object which, Object value);
    }

    abstract void split(SourceRow row, Taker taker);

    /** What the row has in that column, which the log must not have left out. */
    static @Nullable Object known(SourceRow row, SourceField field, String name) {
        Object value = row.value(field.column());
        if (value == Unchanged.UNCHANGED) {
            throw new UnfitValueException("the log left out " + name);
        }
        return value;
    }
}
