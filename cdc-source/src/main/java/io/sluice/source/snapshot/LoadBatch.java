package io.sluice.source.snapshot;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a worker hands to the publishing thread.
 *
 * @param permits how much of the bound on bytes it holds
 * @param endsRange whether these are the last rows of a range
 * @param failure why the worker gave up; then there is nothing else
 */
record LoadBatch(
        int job,
        List<ProducerRecord<byte[], byte[]>> records,
        int rows,
        int permits,
        boolean endsRange,
        @Nullable Exception failure) {

    static LoadBatch failed(Exception failure) {
        return new LoadBatch(-1, List.of(), 0, 0, false, failure);
    }
}
