package io.sluice.sink.batch;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;

/** Values that tell which of two rows is the newer one. Only of such types that we and the target can't disagree. */
public final class Latest {

    private Latest() {}

    public static boolean canTell(LogicalType type) {
        return type instanceof Simple simple
                && switch (simple) {
                    case INT16, INT32, INT64, DATE, TIMESTAMP, TIMESTAMPTZ -> true;
                    default -> false;
                };
    }

    /** Infinities are the least and the greatest of their carriers. */
    static int compare(Object one, Object other) {
        return Long.compare(((Number) one).longValue(), ((Number) other).longValue());
    }
}
