package io.sluice.transform.topology;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.MappingProblem;
import io.sluice.transform.version.VersionTopic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps the changes of one service to its rows, as one Streams application. Any number of processes may run the same service:
 * they share its partitions, and what one leaves another takes.
 *
 * <p>Whatever is outside and away is waited for; whatever would lose or corrupt data halts.
 */
public final class TransformStage implements Stage {

    private static final Logger LOG = LoggerFactory.getLogger(TransformStage.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofMillis(200);
    /** A client that has run this long without a failure has got over the one before. */
    private static final Duration STABLE = Duration.ofSeconds(5);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final String application;
    private final ServiceSpec service;
    private final Names names;
    private final List<TopicSpec> topics;
    private final KafkaConnection kafka;
    private final SchemaStore schemas;
    private final Path stateDirectory;
    private final Duration commitInterval;
    private final TransformMeters meters;
    private final StageLife life = new StageLife();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread runner;
    private final Object askingLock = new Object();
    private boolean asking;
    private volatile boolean resting;
    private @Nullable Map<String, TopicFacts> firstFacts;

    /**
     * Does nothing yet.
     *
     * @param stateDirectory a folder of this process alone
     * @throws BadInputException if the service asks for what this version can't do
     */
    public TransformStage(
            Pipeline pipeline,
            ServiceSpec service,
            KafkaConnection kafka,
            SchemaStore schemas,
            MeterRegistry registry,
            Path stateDirectory) {
        this(pipeline, service, kafka, schemas, registry, stateDirectory, StreamsSettings.COMMIT_INTERVAL);
    }

    TransformStage(
            Pipeline pipeline,
            ServiceSpec service,
            KafkaConnection kafka,
            SchemaStore schemas,
            MeterRegistry registry,
            Path stateDirectory,
            Duration commitInterval) {
        List<MappingProblem> unsupported = Mapping.unsupported(service);
        if (!unsupported.isEmpty()) {
            throw new BadInputException(
                    "UNSUPPORTED",
                    unsupported.stream()
                            .map(MappingProblem::toString)
                            .collect(Collectors.joining(System.lineSeparator())),
                    null,
                    "Leave these settings out.");
        }
        this.service = service;
        this.names = new Names(pipeline.name());
        this.application = names.transformApplication(service.name());
        TopicLayout layout = new TopicLayout(pipeline);
        this.topics = new ArrayList<>(layout.changes(service));
        this.topics.addAll(layout.rows(service));
        this.topics.addAll(layout.transformOwn(service));
        this.topics.addAll(layout.children(service));
        this.topics.add(layout.mappings());
        if (!service.isStrong()) {
            this.topics.add(layout.deadLetters(service));
        }
        this.kafka = kafka;
        this.schemas = schemas;
        this.stateDirectory = stateDirectory;
        this.commitInterval = commitInterval;
        this.meters = new TransformMeters(registry, pipeline.name(), service.name());
        this.runner = new Thread(this::run, "transform-" + service.name());
        this.runner.setDaemon(true);
    }

    @Override
    public String name() {
        return "transform " + service.name();
    }

    @Override
    public StageStatus status() {
        return life.status();
    }

    public TransformProgress progress() {
        return meters.progress();
    }

    /** Has it map nothing until this is taken back. */
    public void rest(boolean wanted) {
        resting = wanted;
    }

    @Override
    public void start() {
        life.become(StageState.STARTING);
        runner.start();
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (stopping.getCount() > 0) {
            long startedNanos = System.nanoTime();
            SluiceException cause = liveUntilFailure();
            if (cause == null) {
                return;
            }
            if (!(cause instanceof EnvironmentException)) {
                LOG.error("Transform {} halts: {}", service.name(), cause.getMessage());
                life.tryBecome(StageState.HALTED, cause);
                return;
            }
            if (life.tryBecome(StageState.WAITING, cause)) {
                LOG.warn("Transform {} waits and tries again: {}", service.name(), cause.getMessage());
            }
            boolean wasStable = System.nanoTime() - startedNanos > STABLE.toNanos();
            pause = wasStable ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
            if (awaitStop(pause)) {
                return;
            }
        }
    }

    /** Returns why the stream ended; null if it was asked to. */
    private @Nullable SluiceException liveUntilFailure() {
        Failures failures = new Failures(application);
        try {
            Baselines baselines = checkTopics();
            if (stopping.getCount() == 0) {
                return null;
            }
            PolledRecords polled = new PolledRecords(StreamsSettings.MAX_POLL_RECORDS);
            long rowsBefore = meters.progress().rows();
            try (StateMemory memory = service.splits() ? StateMemory.reserve(stateDirectory) : null;
                    StreamRun run = StreamRun.start(
                            TransformTopology.of(names, service, schemas, meters, polled, baselines),
                            StreamsSettings.of(
                                    application,
                                    kafka,
                                    stateDirectory,
                                    commitInterval,
                                    polled,
                                    service.standbys(),
                                    memory),
                            resting)) {
                Throwable failure = watch(run, rowsBefore);
                return failure == null ? null : failures.classify(failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (RuntimeException e) {
            return stopping.getCount() == 0 ? null : failures.classify(e);
        }
    }

    /** Says RUNNING once the stream has shown that what it waited for is over: not already when it has started again. */
    private @Nullable Throwable watch(StreamRun run, long rowsBefore) throws InterruptedException {
        long startedNanos = System.nanoTime();
        while (stopping.getCount() > 0) {
            Throwable failure = run.awaitFailure(GLANCE);
            if (failure != null) {
                return failure;
            }
            run.rest(resting);
            StageState state = life.status().state();
            // A paused client restores nothing either: it does what it is asked to.
            if (state != StageState.RUNNING && (resting || run.isRunning())) {
                boolean proven = resting
                        || state == StageState.STARTING
                        || meters.progress().rows() > rowsBefore
                        || System.nanoTime() - startedNanos > STABLE.toNanos();
                if (proven) {
                    life.tryBecome(StageState.RUNNING, null);
                }
            }
        }
        return null;
    }

    /**
     * Before anything is polled or produced: else a broker might make a missing topic by itself.
     *
     * @return what the mappings knew of their sources when they were begun
     */
    private Baselines checkTopics() {
        setAsking(true);
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            Map<String, TopicFacts> facts = admin.check(topics);
            Map<String, TopicFacts> first = firstFacts;
            if (first == null) {
                firstFacts = facts;
            } else if (!first.equals(facts)) {
                throw new HaltException(
                        "TOPIC_CHANGED",
                        "a topic was deleted and made again while the service ran",
                        application,
                        "Its records are gone: see the runbook.");
            }
            return new VersionTopic(kafka, names.mappings()).read().baselines(service);
        } finally {
            setAsking(false);
        }
    }

    private void setAsking(boolean now) {
        synchronized (askingLock) {
            asking = now;
        }
    }

    private boolean awaitStop(Duration limit) {
        try {
            return stopping.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public synchronized void close() {
        if (life.tryBecome(StageState.STOPPED, null) || life.status().state() == StageState.STOPPED) {
            return;
        }
        life.tryBecome(StageState.STOPPING, null);
        stopping.countDown();
        synchronized (askingLock) {
            // A question to a broker that is away would take too long to end by itself; a stream must not be cut off.
            if (asking) {
                runner.interrupt();
            }
        }
        boolean interrupted = false;
        try {
            runner.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        life.tryBecome(StageState.STOPPED, null);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
