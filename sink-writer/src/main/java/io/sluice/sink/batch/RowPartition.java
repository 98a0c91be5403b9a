package io.sluice.sink.batch;

import java.util.Objects;

/** One partition of one row topic: what a sink owns, fences and counts by. */
public record RowPartition(String topic, int partition) {

    public RowPartition {
        Objects.requireNonNull(topic, "topic");
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
