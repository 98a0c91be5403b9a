package io.sluice.sink.batch;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One set-based change of one table: no key stands in it twice. */
public sealed interface Write {

    TargetTable table();

    int size();

    /**
     * These rows, whole, are to be there.
     *
     * @param anew each was deleted just before: a column of the target that the rows do not bring begins with its default, as
     *     in a row that was never there
     */
    record Upserts(TargetTable table, RowSchema schema, List<Row> rows, boolean anew) implements Write {

        @Override
        public int size() {
            return rows.size();
        }
    }

    /**
     * These rows are there already, and these columns of theirs are to change.
     *
     * @param known places of the columns whose values are known, the key's included
     */
    record Updates(TargetTable table, RowSchema schema, BitSet known, List<Row> rows) implements Write {

        @Override
        public int size() {
            return rows.size();
        }
    }

    /** The rows with these keys are to be gone, if they were there. */
    record Deletes(TargetTable table, RowSchema keySchema, List<Key> keys) implements Write {

        @Override
        public int size() {
            return keys.size();
        }
    }

    /**
     * The rows with these keys are deleted at their source, and stay with a mark.
     *
     * @param micros when each was deleted, since 1970
     */
    record Marks(TargetTable table, RowSchema keySchema, List<Key> keys, List<Long> micros) implements Write {

        @Override
        public int size() {
            return keys.size();
        }
    }

    /**
     * It is to be known that this source table has the rows with these keys, whatever becomes of them; or that it has them no more.
     *
     * @param source as {@link io.sluice.schemas.model.TableId} writes it
     */
    record Holders(TargetTable table, RowSchema keySchema, List<Key> keys, String source, boolean has)
            implements Write {

        @Override
        public int size() {
            return keys.size();
        }
    }

    /**
     * All rows of the table are to be gone.
     *
     * @param source only those that this source table alone has; null: whoever has them
     */
    record Emptying(TargetTable table, @Nullable String source) implements Write {

        @Override
        public int size() {
            return 0;
        }
    }

    /**
     * Those of these rows that are there are to have their new values, all at the same moment. Whether they are, is for the writes
     * behind it to see.
     *
     * @param rows whole or not
     */
    record Replacements(TargetTable table, RowSchema schema, List<Row> rows) implements Write {

        @Override
        public int size() {
            return rows.size();
        }
    }
}
