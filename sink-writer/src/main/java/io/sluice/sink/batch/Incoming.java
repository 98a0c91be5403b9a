package io.sluice.sink.batch;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.RowChange;
import org.jspecify.annotations.Nullable;

/**
 * A row record that has been read.
 *
 * @param origin the change record that it was made from; null where its producer does not say
 */
public record Incoming(RowPartition partition, long offset, RowChange change, @Nullable Origin origin) {

    /** For messages: never a value of the row. */
    String place() {
        return partition + " offset " + offset;
    }
}
