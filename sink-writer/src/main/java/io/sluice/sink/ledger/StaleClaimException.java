package io.sluice.sink.ledger;

import io.sluice.sink.batch.RowPartition;
import java.util.Collection;

/** Someone else has taken these partitions: roll back and give them up. */
public final class StaleClaimException extends Exception {

    public StaleClaimException(Collection<RowPartition> partitions) {
        super("taken by another: " + partitions);
    }
}
