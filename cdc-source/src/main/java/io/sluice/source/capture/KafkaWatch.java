package io.sluice.source.capture;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that a running source waits for Kafka long before its producer gives up: for a minute or two that tries again by itself,
 * and mostly succeeds. The session goes on meanwhile.
 */
final class KafkaWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaWatch.class);

    /** No commit of a broker that is well takes so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long LOOK_MILLIS = 500;

    private final CaptureLoop.Settings settings;
    private final StageLife life;
    private final ScheduledExecutorService executor;
    private @Nullable EnvironmentException said;

    KafkaWatch(CaptureLoop.Settings settings, StageLife life) {
        this.settings = settings;
        this.life = life;
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sluice-kafka-watch-" + settings.source());
            thread.setDaemon(true);
            return thread;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A look has nothing to report but what it says.
    void start() {
        executor.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        boolean silent = settings.silence().length().compareTo(PATIENCE) > 0;
        if (silent && said == null) {
            waits();
        } else if (!silent && said != null) {
            goesOn(said);
        }
    }

    private void waits() {
        EnvironmentException cause = new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "Kafka has not answered for " + settings.silence().length().toSeconds() + " s",
                settings.kafka().toString(),
                "Check that the brokers run and can be reached. It goes on by itself.",
                null);
        synchronized (life) {
            if (life.status().state() != StageState.RUNNING || !life.tryBecome(StageState.WAITING, cause)) {
                return;
            }
        }
        said = cause;
        LOG.warn("Source {} waits: {}", settings.source(), cause.getMessage());
    }

    /** Unless the session has failed meanwhile: then it is waiting for the next one. */
    private void goesOn(EnvironmentException waited) {
        said = null;
        synchronized (life) {
            if (life.status().cause() != waited || !life.tryBecome(StageState.RUNNING, null)) {
                return;
            }
        }
        LOG.info("Source {} goes on: Kafka answers", settings.source());
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
