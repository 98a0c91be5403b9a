package io.sluice.transform.topology;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Tells {@link PolledRecords} of each poll. Public because the consumer makes it, by its name. */
public final class PolledRecordsInterceptor implements ConsumerInterceptor<byte[], byte[]> {

    static final String POLLED_RECORDS = "sluice.polled.records";

    private PolledRecords.@Nullable Count count;
    private @Nullable PolledRecords polled;

    @Override
    public void configure(Map<String, ?> configs) {
        if (!(configs.get(POLLED_RECORDS) instanceof PolledRecords given)) {
            throw new IllegalArgumentException(POLLED_RECORDS + " is not set");
        }
        polled = given;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
        PolledRecords.Count current = count;
        if (current == null && polled != null) {
            // Only here is the thread known: a consumer is made by another one.
            current = polled.ofThisThread();
            count = current;
        }
        if (current != null) {
            current.polled(records.count());
        }
        return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}
}
