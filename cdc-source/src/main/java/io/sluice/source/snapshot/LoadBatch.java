package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a worker hands to the publishing thread.
 *
 * @param permits how much of the bound on bytes it holds
 * @param endsRange whether these are the last rows of a range
 * @param failure why the worker gave up, or gave up this job; then there is nothing else
 */
record LoadBatch(
        int job,
        List<ProducerRecord<byte[], byte[]>> records,
        int rows,
        int permits,
        boolean endsRange,
        @Nullable Exception failure) {

    private static final int EVERY_JOB = -1;

    /** The whole load has failed. */
    static LoadBatch failed(Exception failure) {
        return new LoadBatch(EVERY_JOB, List.of(), 0, 0, false, failure);
    }

    /** One table can't be read on. */
    static LoadBatch halted(int job, HaltException cause) {
        return new LoadBatch(job, List.of(), 0, 0, false, cause);
    }

    /** Why its job alone is given up; null if it is not. */
    @Nullable
    HaltException halt() {
        return job != EVERY_JOB && failure instanceof HaltException halt ? halt : null;
    }
}
