package io.sluice.sink.batch;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Provenance;
import org.jspecify.annotations.Nullable;

/**
 * Counts what stands between the bounds of transactions, over as many batches as one of them takes. Belongs to one thread.
 *
 * <p>What is counted here was not applied before: a transform that was set back repeats records, and these count for nothing.
 */
public final class TransactionTally {

    private @Nullable TransactionMarker open;
    private long rows;

    void begin(TransactionMarker begin, String place) {
        if (open != null) {
            throw torn("a transaction begins inside another", place);
        }
        open = begin;
        rows = 0;
    }

    /** A row that a load has read stands outside of transactions, and a change inside. */
    void row(Provenance.Kind kind, String place) {
        if ((kind == Provenance.Kind.SNAPSHOT) != (open == null)) {
            throw torn(
                    open == null
                            ? "a change stands outside a transaction"
                            : "a row that a load read stands inside a transaction",
                    place);
        }
        rows++;
    }

    void marker(String place) {
        if (open != null) {
            throw torn("the marker of a load stands inside a transaction", place);
        }
    }

    void end(TransactionMarker end, String place) {
        TransactionMarker begin = open;
        if (begin == null || !begin.transaction().equals(end.transaction())) {
            throw torn("a transaction ends that did not begin", place);
        }
        if (rows != end.changes()) {
            throw torn("a transaction of " + end.changes() + " rows came with " + rows + " of them", place);
        }
        open = null;
    }

    /** @throws HaltException if the last transaction has not come to its end, so that nothing may be committed */
    public void requireWhole(RowPartition partition) {
        if (open != null) {
            throw torn("a transaction did not come to its end", partition.toString());
        }
    }

    private static HaltException torn(String problem, String place) {
        return new HaltException(
                "TRANSACTION_TORN",
                problem,
                place,
                "The topic lost records, or something else wrote to it. Nothing of the transaction is applied. See the runbook.");
    }
}
