package io.sluice.source.decode;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.TableLoad;
import org.jspecify.annotations.Nullable;

/**
 * A table of the log that somebody reads.
 *
 * @param filter which events its load has already seen; null where the load ended where the log begins
 */
public record StreamTable(TableId table, RowSchema row, TableLoad.@Nullable Filter filter, Output output) {

    /** Takes the table's changes in their order. */
    public interface Output {

        void upserted(Change.Upserted change);

        void deleted(Change.Deleted change);

        void truncated();
    }

    /** Knows the tables. */
    public interface Tables {

        /** The table that the log describes so; null if nobody reads it. */
        @Nullable
        StreamTable open(Relation relation);
    }
}
