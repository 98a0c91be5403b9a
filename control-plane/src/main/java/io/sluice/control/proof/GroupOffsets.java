package io.sluice.control.proof;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/** The offsets that consumer groups have committed. */
final class GroupOffsets implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Admin admin;

    GroupOffsets(KafkaConnection kafka) {
        this.admin = Admin.create(kafka.admin());
    }

    Map<TopicPartition, Long> of(String group) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        try {
            admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .forEach((partition, committed) -> {
                        if (committed != null) {
                            offsets.put(partition, committed.offset());
                        }
                    });
        } catch (ExecutionException | TimeoutException e) {
            throw unavailable(group, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(group, e);
        }
        return offsets;
    }

    private static EnvironmentException unavailable(String group, Exception cause) {
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "the offsets can't be read",
                "group " + group,
                "Check that the brokers run and can be reached, and that our user may describe the group.",
                cause);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(3));
    }
}
