package io.sluice.source.capture;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.source.publish.FencedException;
import io.sluice.source.publish.KafkaSilence;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the sessions of a source one after another, in a thread of its own: whatever fails is answered by a new session from what
 * is stored, after a pause that grows; only what a person must decide halts it.
 */
public final class CaptureLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureLoop.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** How long whoever fenced us may take to leave its name. */
    private static final Duration FENCE_PATIENCE = Duration.ofSeconds(10);

    private static final int MOST_UNEXPECTED = 3;

    private final Settings settings;
    private final Capture capture;
    private final StageLife life = new StageLife();
    private final KafkaWatch watch;
    private final Thread runner;
    private final CountDownLatch closeRequested = new CountDownLatch(1);
    private volatile @Nullable CaptureSession session;
    private volatile boolean closing;
    private volatile boolean newEpoch;
    private final Object restLock = new Object();
    private volatile boolean resting;

    private boolean ownedOnce;
    private int failures;
    private int unexpected;

    /**
     * What a loop is told once.
     *
     * @param instance tells this process from every other that captures the same source
     * @param silence what Kafka owes the sessions
     * @param fence whether one instance shuts out every other
     * @param stopLimit how long a session may take to end by itself
     */
    public record Settings(
            String source,
            KafkaConnection kafka,
            String instance,
            KafkaSilence silence,
            boolean fence,
            Duration stopLimit) {

        /** {@code source monolith}, for messages. */
        public String place() {
            return "source " + source;
        }
    }

    /** Starts nothing yet. */
    public CaptureLoop(Settings settings, Capture capture) {
        this.settings = settings;
        this.capture = capture;
        this.watch = new KafkaWatch(settings, life);
        this.runner = new Thread(this::runUntilClosed, "sluice-source-" + settings.source());
        this.runner.setDaemon(true);
    }

    /** Makes the first session begin a new epoch. Before {@link #start}. */
    public void beginNewEpoch() {
        newEpoch = true;
    }

    public void start() {
        life.become(StageState.STARTING);
        runner.start();
        watch.start();
    }

    public StageStatus status() {
        return life.status();
    }

    /** Lets the source rest: no session runs until this is taken back. What is stored stays, and so does the server's part. */
    public void rest(boolean wanted) {
        synchronized (restLock) {
            resting = wanted;
            restLock.notifyAll();
        }
        CaptureSession current = session;
        if (wanted && current != null) {
            current.close();
        }
    }

    /** Waits while the source is to rest. */
    private void awaitWork() {
        if (resting && !closing) {
            LOG.info("Source {} is paused", settings.source());
            // It does what it is asked to.
            life.tryBecome(StageState.RUNNING, null);
        }
        synchronized (restLock) {
            while (resting && !closing) {
                try {
                    restLock.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private void runUntilClosed() {
        while (!closing) {
            awaitWork();
            if (closing) {
                return;
            }
            CaptureSession current = capture.session(newEpoch, () -> life.tryBecome(StageState.RUNNING, null));
            session = current;
            long before = capture.boundary();
            try (current) {
                if (closing) {
                    return;
                }
                if (resting) {
                    continue;
                }
                refuseIfFenced();
                current.run();
                if (current.wantsSuccessor() || resting) {
                    continue;
                }
                throw new IllegalStateException("the stream ended by itself");
            } catch (Exception e) {
                if (current.wantsSuccessor() || (resting && !closing)) {
                    LOG.debug("A session ended to be followed by another", e);
                } else if (closing || !goesOn(current.causeOr(e), before)) {
                    return;
                }
            } finally {
                ownedOnce |= current.wasOwner();
                newEpoch &= !current.hasBegunEpoch();
            }
            pause();
        }
    }

    /** Decides what a failure means; says whether to try again. */
    private boolean goesOn(Exception failure, long before) {
        if (capture.boundary() != before) {
            failures = 0;
            unexpected = 0;
        }
        failures++;
        SluiceException cause = cause(failure);
        if (cause instanceof HaltException || cause instanceof BadInputException) {
            LOG.error("Source {} halts: {}", settings.source(), cause.getMessage());
            life.tryBecome(StageState.HALTED, cause);
            return false;
        }
        LOG.warn("Source {} waits and tries again: {}", settings.source(), cause.getMessage());
        if (!life.tryBecome(StageState.WAITING, cause) && life.status().state() == StageState.WAITING) {
            life.become(StageState.WAITING, cause);
        }
        return true;
    }

    private SluiceException cause(Exception failure) {
        boolean fenced = false;
        boolean known = false;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SluiceException sluice) {
                return sluice;
            }
            Optional<EnvironmentException> unreachable = capture.unreachable(each);
            if (unreachable.isPresent()) {
                return unreachable.get();
            }
            fenced |= each instanceof FencedException;
            known |= each instanceof KafkaException;
        }
        if (fenced) {
            return fenced(failure);
        }
        if (known) {
            return new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka does not answer as it should: " + failure.getClass().getSimpleName(),
                    settings.kafka().toString(),
                    "Check that the brokers run and can be reached, and what our user may do.",
                    failure);
        }
        return unexpected(failure);
    }

    /** A defect may be a passing one; a lasting one halts. */
    private SluiceException unexpected(Exception failure) {
        LOG.error("Source {} failed unexpectedly", settings.source(), failure);
        String problem =
                "the capture failed unexpectedly: " + failure.getClass().getSimpleName();
        String remedy = "Nothing is lost: what was not stored is read again. Please report this with the log.";
        if (++unexpected >= MOST_UNEXPECTED) {
            return new HaltException("SOURCE_DEFECT", problem, settings.place(), remedy, failure);
        }
        return new EnvironmentException("SOURCE_DEFECT", problem, settings.place(), remedy, failure);
    }

    /** Another instance fenced us, or the broker ended a transaction for its age: the state topic tells which. */
    private SluiceException fenced(Exception failure) {
        long deadline = System.nanoTime() + FENCE_PATIENCE.toNanos();
        try {
            while (System.nanoTime() - deadline < 0 && !closing) {
                if (isOwnedByAnother()) {
                    return taken();
                }
                closeRequested.await(200, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KafkaException e) {
            LOG.debug("The state topic does not tell who fenced us", e);
        }
        return new EnvironmentException(
                "TRANSACTION_EXPIRED",
                "Kafka ended one of our transactions",
                settings.place(),
                "It is tried again. Where this repeats, look for brokers that are overloaded.",
                failure);
    }

    /** Whoever lost its stream to a successor must not take it back. */
    private void refuseIfFenced() {
        if (settings.fence() && ownedOnce && isOwnedByAnother()) {
            throw taken();
        }
    }

    private boolean isOwnedByAnother() {
        String owner = capture.owner();
        return owner != null && !owner.equals(settings.instance());
    }

    private HaltException taken() {
        return new HaltException(
                "SOURCE_TAKEN_OVER",
                "another instance captures this source now",
                settings.place(),
                "If that is not wanted, stop that one and start this one again.");
    }

    private void pause() {
        long millis =
                Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(10, Math.max(0, failures - 1)));
        try {
            closeRequested.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        StageState state = life.status().state();
        if (state == StageState.STOPPED) {
            return;
        }
        closing = true;
        closeRequested.countDown();
        synchronized (restLock) {
            restLock.notifyAll();
        }
        watch.close();
        if (life.tryBecome(StageState.STOPPED, null)) {
            return;
        }
        life.tryBecome(StageState.STOPPING, null);
        CaptureSession current = session;
        if (current != null) {
            current.close();
        }
        try {
            long millis = settings.stopLimit().toMillis();
            runner.join(millis);
            if (runner.isAlive()) {
                runner.interrupt();
                runner.join(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        life.tryBecome(StageState.STOPPED, null);
    }
}
