package io.sluice.app.wiring;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How many processes share the work of each group. */
final class Workers implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Admin admin;

    Workers(KafkaConnection kafka) {
        this.admin = Admin.create(kafka.admin());
    }

    /** Members by group; a group that nobody ever joined has none. */
    Map<String, Integer> of(Collection<String> groups) {
        Map<String, Integer> members = new HashMap<>();
        admin.describeConsumerGroups(groups).describedGroups().forEach((group, described) -> {
            try {
                members.put(
                        group,
                        described
                                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                                .members()
                                .size());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                    throw unavailable(group, e);
                }
                members.put(group, 0);
            } catch (TimeoutException e) {
                throw unavailable(group, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unavailable(group, e);
            }
        });
        return members;
    }

    private static EnvironmentException unavailable(String group, Exception cause) {
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "its members can't be read",
                "group " + group,
                "Check that the brokers run and can be reached, and that our user may describe the group.",
                cause);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(3));
    }
}
