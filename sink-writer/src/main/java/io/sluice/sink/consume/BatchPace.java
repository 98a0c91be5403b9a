package io.sluice.sink.consume;

import io.sluice.sink.SinkSettings;
import io.sluice.sink.batch.WriteOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How the next batch is made, its size and what goes first, learnt from how the last one went. */
final class BatchPace {

    private final SinkSettings settings;
    private final int most;
    private final Duration patience;
    private WriteOrder order = WriteOrder.UPSERTS_FIRST;
    private int records;
    private @Nullable Long outOfOrderSinceNanos;

    /**
     * @param most how far a batch may grow while a row waits for another one
     * @param patience how long it may wait
     */
    BatchPace(SinkSettings settings, int most, Duration patience) {
        this.settings = settings;
        this.most = most;
        this.patience = patience;
        this.records = settings.batchRecords();
    }

    /** What is left to try with rows that need another one to come or to go first. */
    enum Attempt {
        /** The same rows, the other way round. */
        OTHER_ORDER,
        /** More rows at once, after a while: what is missing may be on its way. */
        MORE_ROWS,
        /** It has been on its way for too long. */
        NONE
    }

    WriteOrder order() {
        return order;
    }

    int records() {
        return records;
    }

    boolean isOutOfOrder() {
        return outOfOrderSinceNanos != null;
    }

    void applied() {
        outOfOrderSinceNanos = null;
        order = WriteOrder.UPSERTS_FIRST;
        records = Math.min(settings.batchRecords(), records * 2);
    }

    /** Whatever was too slow or too large may pass in smaller pieces. */
    void failed() {
        records = Math.max(1, records / 2);
    }

    Attempt outOfOrder() {
        long now = System.nanoTime();
        if (outOfOrderSinceNanos == null) {
            outOfOrderSinceNanos = now;
        }
        if (order == WriteOrder.UPSERTS_FIRST) {
            order = WriteOrder.DELETES_FIRST;
            return Attempt.OTHER_ORDER;
        }
        order = WriteOrder.UPSERTS_FIRST;
        records = Math.min(records * 2, most);
        return now - outOfOrderSinceNanos >= patience.toNanos() ? Attempt.NONE : Attempt.MORE_ROWS;
    }
}
