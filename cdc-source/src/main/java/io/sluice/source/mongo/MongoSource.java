package io.sluice.source.mongo;

import com.mongodb.MongoException;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.mongo.MongoConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.engine.ProgressBoard;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.engine.SourceTables;
import io.sluice.source.publish.FencedException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures collections of one MongoDB deployment: reads them once, then follows their change stream, exactly once into Kafka.
 *
 * <p>Whatever fails is answered by a new session from what is stored, after a pause that grows; only what a person must decide
 * halts it.
 */
public final class MongoSource implements Stage {

    private static final Logger LOG = LoggerFactory.getLogger(MongoSource.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** How long whoever fenced us may take to leave its name. */
    private static final Duration FENCE_PATIENCE = Duration.ofSeconds(10);

    private static final int MOST_UNEXPECTED = 3;
    private static final long STOP_MILLIS = 2_000;

    private final MongoContext context;
    private final StageLife life = new StageLife();
    private final Thread runner;
    private volatile @Nullable MongoSession session;
    private final CountDownLatch closeRequested = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile boolean newEpoch;

    private boolean ownedOnce;
    private int failures;
    private int unexpected;

    /** Connects to nothing yet. */
    public MongoSource(
            Pipeline pipeline, SourceSpec source, KafkaConnection kafka, SchemaStore schemas, MeterRegistry meters) {
        SourceTables tables = new SourceTables(pipeline, source);
        this.context = new MongoContext(
                pipeline,
                source,
                kafka,
                schemas,
                MongoConnector.of(source.connection(), "sluice " + pipeline.name() + " source " + source.name()),
                tables,
                new MongoStateRecords(new Names(pipeline.name()).sourceState(source.name()), source.name()),
                new ProgressBoard(meters, pipeline.name(), source.name(), tables.all()),
                UUID.randomUUID().toString());
        this.runner = new Thread(this::runUntilClosed, "sluice-source-" + source.name());
        this.runner.setDaemon(true);
    }

    @Override
    public String name() {
        return context.place();
    }

    /**
     * What would keep this source from being captured, all at once; changes nothing.
     *
     * @throws EnvironmentException if the database can't be asked
     */
    public List<Finding> check() {
        context.tables().requireSupported();
        try {
            return List.copyOf(new MongoCheck(context).run());
        } catch (MongoException e) {
            throw context.connector().unreachable(e);
        }
    }

    /**
     * Makes this process begin a new epoch: whatever is stored, every collection is read again, and rows that are gone are swept.
     * Before {@link #start}.
     */
    public void beginNewEpoch() {
        newEpoch = true;
    }

    /** How far it is, now. Boundaries are cluster times. */
    public SourceProgress progress() {
        return context.progress().snapshot();
    }

    @Override
    public void start() {
        context.tables().requireSupported();
        life.become(StageState.STARTING);
        runner.start();
    }

    @Override
    public StageStatus status() {
        return life.status();
    }

    private void runUntilClosed() {
        while (!closing) {
            MongoSession current = new MongoSession(context, newEpoch, () -> life.tryBecome(StageState.RUNNING, null));
            session = current;
            long before = progress().boundary();
            try {
                if (closing) {
                    return;
                }
                refuseIfFenced();
                current.run();
                if (closing) {
                    return;
                }
                throw new IllegalStateException("the stream ended by itself");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                ownedOnce |= current.wasOwner();
                newEpoch &= !current.hasBegunEpoch();
                if (closing || !goesOn(e, before)) {
                    return;
                }
            }
            pause();
        }
    }

    /** Decides what a failure means; says whether to try again. */
    private boolean goesOn(RuntimeException failure, long before) {
        if (progress().boundary() != before) {
            failures = 0;
            unexpected = 0;
        }
        failures++;
        SluiceException cause = cause(failure);
        if (cause instanceof HaltException || cause instanceof BadInputException) {
            LOG.error("Source {} halts: {}", context.source().name(), cause.getMessage());
            life.tryBecome(StageState.HALTED, cause);
            return false;
        }
        LOG.warn("Source {} waits and tries again: {}", context.source().name(), cause.getMessage());
        if (!life.tryBecome(StageState.WAITING, cause) && life.status().state() == StageState.WAITING) {
            life.become(StageState.WAITING, cause);
        }
        return true;
    }

    private SluiceException cause(RuntimeException failure) {
        boolean fenced = false;
        boolean known = false;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SluiceException sluice) {
                return sluice;
            }
            if (each instanceof MongoException mongo) {
                return context.connector().unreachable(mongo);
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
                    context.kafka().toString(),
                    "Check that the brokers run and can be reached, and what our user may do.",
                    failure);
        }
        return unexpected(failure);
    }

    /** A defect may be a passing one; a lasting one halts. */
    private SluiceException unexpected(RuntimeException failure) {
        LOG.error("Source {} failed unexpectedly", context.source().name(), failure);
        String problem =
                "the capture failed unexpectedly: " + failure.getClass().getSimpleName();
        String remedy = "Nothing is lost: what was not stored is read again. Please report this with the log.";
        if (++unexpected >= MOST_UNEXPECTED) {
            return new HaltException("SOURCE_DEFECT", problem, context.place(), remedy, failure);
        }
        return new EnvironmentException("SOURCE_DEFECT", problem, context.place(), remedy, failure);
    }

    /** Another instance fenced us, or the broker ended a transaction for its age: the state topic tells which. */
    private SluiceException fenced(RuntimeException failure) {
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
                context.place(),
                "It is tried again. Where this repeats, look for brokers that are overloaded.",
                failure);
    }

    /** Whoever lost its stream to a successor must not take it back. */
    private void refuseIfFenced() {
        if (ownedOnce && isOwnedByAnother()) {
            throw taken();
        }
    }

    private boolean isOwnedByAnother() {
        String owner = MongoSession.stored(context).owner();
        return owner != null && !owner.equals(context.instance());
    }

    private HaltException taken() {
        return new HaltException(
                "SOURCE_TAKEN_OVER",
                "another instance captures this source now",
                context.place(),
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
        if (life.tryBecome(StageState.STOPPED, null)) {
            return;
        }
        life.tryBecome(StageState.STOPPING, null);
        MongoSession current = session;
        if (current != null) {
            current.close();
        }
        try {
            runner.join(STOP_MILLIS);
            if (runner.isAlive()) {
                runner.interrupt();
                runner.join(STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        life.tryBecome(StageState.STOPPED, null);
    }
}
