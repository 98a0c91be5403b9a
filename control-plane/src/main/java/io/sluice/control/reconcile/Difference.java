package io.sluice.control.reconcile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target row that is not, or may not be, what its source row becomes.
 *
 * @param row names it without telling its key: the same in every comparison
 * @param columns that differ; only for a mismatch
 * @param values null unless they were asked for
 */
public record Difference(Kind kind, String row, List<String> columns, @Nullable Values values) {

    public Difference {
        columns = List.copyOf(columns);
    }

    /** What is wrong. */
    public enum Kind {
        MISSING,
        EXTRA,
        MISMATCH,
        /** It differs, and may be on its way. */
        UNSETTLED
    }

    /**
     * What the rows hold, as PostgreSQL writes it.
     *
     * @param key each key column with its value
     * @param columns of the columns that differ
     */
    public record Values(List<Value> key, List<Pair> columns) {

        public Values {
            key = List.copyOf(key);
            columns = List.copyOf(columns);
        }
    }

    /** A value; null as null. */
    public record Value(String column, @Nullable String text) {}

    /** A value as it is to be and as it is. */
    public record Pair(String column, @Nullable String expected, @Nullable String actual) {}
}
