package io.sluice.app.wiring;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.intent.Intents;
import io.sluice.platform.intent.Part;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what operators want paused. Read once before anything starts; what can't be read later leaves all as it was.
 */
final class PauseFollower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PauseFollower.class);

    private static final Duration GLANCE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final KafkaConnection kafka;
    private final Intents intents;
    private final Consumer<Set<Part>> wanted;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /** @param wanted told, from a thread of its own, what is to rest whenever that has changed */
    PauseFollower(KafkaConnection kafka, String topic, Consumer<Set<Part>> wanted) {
        this.kafka = kafka;
        this.intents = new Intents(topic);
        this.wanted = wanted;
        this.thread = new Thread(this::follow, "pauses");
        this.thread.setDaemon(true);
    }

    /** Tells what is wanted now, and from then on what changes. */
    void start() {
        try (FollowedTopic topic = FollowedTopic.of(kafka, intents.topic())) {
            wanted.accept(read(topic));
        }
        thread.start();
    }

    private Set<Part> read(FollowedTopic topic) {
        Map<Part, Pause> pauses = intents.read(topic.read());
        return Set.copyOf(pauses.keySet());
    }

    private void follow() {
        try {
            do {
                followUntilItFails();
            } while (!closing.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void followUntilItFails() throws InterruptedException {
        try (FollowedTopic topic = FollowedTopic.of(kafka, intents.topic())) {
            do {
                wanted.accept(read(topic));
            } while (!closing.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (KafkaException | EnvironmentException e) {
            LOG.debug("What is to be paused can't be read now: {}", e.getClass().getSimpleName());
        } catch (RuntimeException e) {
            LOG.warn("What is to be paused can't be followed; trying again", e);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
