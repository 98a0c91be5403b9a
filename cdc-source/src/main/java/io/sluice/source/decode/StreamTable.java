package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the log that somebody reads.
 *
 * @param windows what loads have seen of it already
 */
public record StreamTable(TableId table, RowSchema row, LoadWindows windows, Output output) {

    /** Takes the table's changes in their order. */
    public interface Output {

        void upserted(Change.Upserted change);

        /**
         * A row changed of which the log leaves something out.
         *
         * @param key the row's key, its parts as the database writes them
         */
        void upsertedInPart(Change.Upserted change, List<String> key);

        void deleted(Change.Deleted change);

        /** @param seen whether rows that a load has read are of a time after it */
        void truncated(Change.Truncated change, boolean seen);
    }

    /** Knows the tables. */
    public interface Tables {

        /**
         * The table that the log describes so; null if nobody reads it.
         *
         * @throws TableHaltException if its changes can't be published any more
         */
        @Nullable
        StreamTable open(Relation relation);

        /**
         * Something about one table's changes can't be published. Returns if its further changes are to be discarded.
         *
         * @param boundary up to where its changes are published
         */
        void halted(TableId table, HaltException cause, long boundary);

        /** A transaction ended there. */
        void reached(int epoch, long boundary);
    }
}
