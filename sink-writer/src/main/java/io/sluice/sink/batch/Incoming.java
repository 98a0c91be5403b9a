package io.sluice.sink.batch;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.RowChange;
import org.jspecify.annotations.Nullable;

/**
 * A row record that has been read.
 *
 * @param origin the change record that it was made from; null where its producer does not say
 * @param source the source table that the row comes from, as {@link io.sluice.schemas.model.TableId} writes it; null where its
 *     table has only one, or where nobody knows
 */
public record Incoming(
        RowPartition partition, long offset, RowChange change, @Nullable Origin origin, @Nullable String source) {

    /** Of a table that has one source. */
    public Incoming(RowPartition partition, long offset, RowChange change, @Nullable Origin origin) {
        this(partition, offset, change, origin, null);
    }

    /** The same without its origin, for whoever has seen to repeats. */
    public Incoming withoutOrigin() {
        return new Incoming(partition, offset, change, null, source);
    }

    /** For messages: never a value of the row. */
    String place() {
        return partition + " offset " + offset;
    }
}
