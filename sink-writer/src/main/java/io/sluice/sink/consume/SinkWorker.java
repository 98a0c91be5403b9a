package io.sluice.sink.consume;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.sink.SinkSettings;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sweep.Sweeper;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of one sink: poll, apply, and wait where something is away. Runs in one thread, which owns all that it uses.
 *
 * <p>While it waits it goes on polling with everything paused, so that an outage of the target costs no membership.
 */
final class SinkWorker {

    private static final Logger LOG = LoggerFactory.getLogger(SinkWorker.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int BACKLOG_BATCHES = 8;
    /** How long a whole batch waits for rows that may come, before the rows that need them are held by themselves. */
    private static final Duration ORDER_PATIENCE = Duration.ofMillis(200);

    private final SinkSettings settings;
    private final StageLife life;
    private final Consumer<byte[], byte[]> consumer;
    private final PartitionTaker taker;
    private final BatchApplier applier;
    private final @Nullable RowParking parking;
    private final Sweeper sweeper;
    private final TargetSession session;
    private final PostgresConnector target;
    private final SinkMeter meter;
    private final BooleanSupplier stopping;
    private final Supplier<Rest> rest;

    private final Backlog backlog = new Backlog();
    private final Assignment assignment;
    private final Backoff backoff;
    private final BatchPace pace;
    private final @Nullable OrderedTurn ordered;
    private final @Nullable Asides asides;

    /** The end of a transaction is unknown: the ledger must be asked before anything else is done. */
    private boolean unsure;

    private boolean lookedAgain;
    private boolean sweeping;
    private long lastLookNanos = System.nanoTime();
    private long lastMoveNanos = System.nanoTime();
    private long lastHintNanos = System.nanoTime();
    private long lastCheckNanos = System.nanoTime();

    SinkWorker(
            SinkSettings settings,
            StageLife life,
            Consumer<byte[], byte[]> consumer,
            PartitionTaker taker,
            BatchApplier applier,
            @Nullable OrderedApplier whole,
            @Nullable Asides asides,
            Bounds bounds,
            @Nullable RowParking parking,
            Sweeper sweeper,
            TargetSession session,
            PostgresConnector target,
            SinkMeter meter,
            BooleanSupplier stopping,
            Supplier<Rest> rest) {
        this.settings = settings;
        this.life = life;
        this.consumer = consumer;
        this.taker = taker;
        this.applier = applier;
        this.parking = parking;
        this.sweeper = sweeper;
        this.session = session;
        this.target = target;
        this.meter = meter;
        this.stopping = stopping;
        this.rest = rest;
        this.assignment = new Assignment(consumer, backlog);
        this.backoff = new Backoff(settings.leastBackoff(), settings.mostBackoff());
        this.pace = new BatchPace(
                settings,
                BACKLOG_BATCHES * settings.batchRecords(),
                parking == null ? settings.order() : ORDER_PATIENCE);
        this.asides = asides;
        this.ordered = whole == null || asides == null
                ? null
                : new OrderedTurn(
                        settings, consumer, assignment, backlog, whole, asides, session, pace, bounds, this::poll);
    }

    /** Something that may fail because of the target, of Kafka or of another sink. */
    private interface Step {
        void run() throws SQLException, StaleClaimException;
    }

    /** Returns when it is told to stop; what halts the sink is thrown. */
    void run(Set<String> topics) {
        try {
            consumer.subscribe(topics, assignment);
            while (!stopping.getAsBoolean() && !attempt(this::check)) {
                LOG.debug("not started yet");
            }
            while (!stopping.getAsBoolean()) {
                attempt(rest.get().all() ? this::idle : this::step);
            }
            hint();
        } finally {
            if (parking != null) {
                parking.close();
            }
            if (asides != null) {
                asides.close();
            }
        }
    }

    private void check() throws SQLException, StaleClaimException {
        taker.checkTopics();
        session.transaction(connection -> LedgerSchema.requirePresent(connection));
    }

    /** Stays a member of the group and does nothing else: what is ours stays ours, and where it stands. */
    private void idle() {
        assignment.pauseAll();
        try {
            while (!stopping.getAsBoolean() && rest.get().all()) {
                consumer.poll(POLL);
                running();
            }
        } finally {
            assignment.resumeClaimed();
        }
    }

    private void step() throws SQLException, StaleClaimException {
        if (unsure) {
            askLedger();
        }
        assignment.rest(rest.get().topics());
        Set<RowPartition> pending = assignment.pending();
        if (!pending.isEmpty()) {
            taker.take(session, consumer, pending).forEach(assignment::claimed);
        }
        if (parking != null) {
            parking.learn(session, assignment.claims());
        }
        if (ordered != null) {
            lookedAgain &= !ordered.take(taker.ledger(), sweeping ? Duration.ZERO : POLL);
        } else {
            takeAny();
        }
        if (parking != null) {
            parking.step(session, assignment.working());
        }
        if (rest.get().topics().isEmpty() && (sweeping || passed(lastLookNanos, settings.sweepLook()))) {
            sweep();
        }
        running();
        if (passed(lastCheckNanos, settings.topicCheck())) {
            taker.checkTopics();
            lastCheckNanos = System.nanoTime();
        }
        if (passed(lastHintNanos, settings.hints())) {
            hint();
        }
    }

    private void takeAny() throws SQLException, StaleClaimException {
        if (backlog.isEmpty() || pace.isOutOfOrder()) {
            poll(backlog.isEmpty() && !sweeping ? POLL : Duration.ZERO);
        }
        if (!backlog.isEmpty()) {
            apply(backlog.slice(pace.records(), settings.batchBytes()));
        } else if (passed(lastMoveNanos, settings.quiet())) {
            moveOverMarkers();
        }
    }

    /** A step of a sweep after each batch, so that neither keeps the other waiting. */
    private void sweep() throws SQLException, StaleClaimException {
        lastLookNanos = System.nanoTime();
        try {
            Optional<Sweeper.Step> step = session.transaction(connection -> sweeper.step(connection, taker.topicIds()));
            step.ifPresent(done -> meter.deleted(done.table(), done.deleted()));
            sweeping = step.isPresent();
        } catch (SQLException e) {
            if (!sweeper.takes(e)) {
                throw e;
            }
            // Somebody else holds a lock: the next look is soon enough.
            sweeping = SqlErrors.reaction(e) != SqlErrors.Reaction.RETRY;
        }
    }

    private void poll(Duration patience) {
        if (backlog.size() > BACKLOG_BATCHES * settings.batchRecords()
                || backlog.bytes() > BACKLOG_BATCHES * settings.batchBytes()) {
            return;
        }
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(patience);
        for (TopicPartition each : polled.partitions()) {
            RowPartition partition = Assignment.of(each);
            if (assignment.claims().containsKey(partition)) {
                backlog.add(partition, polled.records(each), consumer.position(each));
            }
        }
        meter.lag(lag());
    }

    private long lag() {
        long lag = backlog.size();
        for (RowPartition each : assignment.claims().keySet()) {
            OptionalLong of = consumer.currentLag(Assignment.kafka(each));
            if (of.isEmpty() && assignment.rests(each)) {
                // Nothing is fetched of it, so nobody tells.
                continue;
            }
            if (of.isEmpty()) {
                return -1;
            }
            lag += of.getAsLong();
        }
        return lag;
    }

    private void apply(Backlog.Slice slice) throws SQLException, StaleClaimException {
        try {
            if (holding().concerns(slice)) {
                separate(slice, true);
            } else {
                assignment.moved(applier.apply(session, taker.ledger(), assignment.claims(), slice, pace.order()));
            }
        } catch (SQLException e) {
            switch (SqlErrors.reaction(e)) {
                case RETRY, SCHEMA -> throw e;
                case DATA -> {
                    separate(slice, false);
                    applied();
                }
                case ORDER -> outOfOrder(slice, e);
            }
            return;
        }
        applied();
    }

    /** Applies the slice without what the target refuses of it, and holds that. */
    private void separate(Backlog.Slice slice, boolean mayGrow) throws SQLException, StaleClaimException {
        BatchApplier.Rows rows = holding().separating(assignment.claims(), mayGrow);
        assignment.moved(applier.apply(session, taker.ledger(), assignment.claims(), slice, rows));
    }

    private RowParking holding() {
        if (parking == null) {
            throw new IllegalStateException("a service that skips nothing takes its rows in turns of its own");
        }
        return parking;
    }

    private void applied() {
        lastMoveNanos = System.nanoTime();
        pace.applied();
        lookedAgain = false;
    }

    /** A row needs another one to come or to go first, which may be on its way. */
    private void outOfOrder(Backlog.Slice slice, SQLException error) throws SQLException, StaleClaimException {
        switch (pace.outOfOrder()) {
            case OTHER_ORDER -> LOG.debug("the other way round");
            case MORE_ROWS ->
                waitFor(new EnvironmentException(
                        "ROWS_OUT_OF_ORDER",
                        "a row waits for another that it refers to or collides with (" + SqlErrors.describe(error)
                                + ")",
                        target.address(),
                        "Nothing need be done: it is held by itself if none comes.",
                        null));
            case NONE -> {
                separate(slice, false);
                applied();
            }
        }
    }

    /** Transaction markers are offsets too: "applied to the end" must mean the end. */
    private void moveOverMarkers() throws SQLException, StaleClaimException {
        Map<RowPartition, Long> ends = new HashMap<>();
        for (Claim claim : assignment.claims().values()) {
            long position = consumer.position(Assignment.kafka(claim.partition()));
            if (position > claim.position()) {
                ends.put(claim.partition(), position);
            }
        }
        lastMoveNanos = System.nanoTime();
        if (!ends.isEmpty()) {
            apply(new Backlog.Slice(Map.of(), ends));
        }
    }

    private void askLedger() throws SQLException, StaleClaimException {
        List<Claim> held = List.copyOf(assignment.claims().values());
        if (!held.isEmpty()) {
            assignment.reclaimed(
                    session.transaction(connection -> taker.ledger().retake(connection, held)));
        }
        unsure = false;
    }

    /** Does the step and says whether it was done; what passes by itself is waited for, whatever else is thrown halts. */
    private boolean attempt(Step step) {
        try {
            step.run();
            backoff.reset();
            return true;
        } catch (StaleClaimException e) {
            LOG.warn("another sink has taken partitions of ours; joining the group again ({})", e.getMessage());
            meter.stale();
            unsure = false;
            assignment.rejoin("a claim was taken");
            waitFor(null);
        } catch (SQLException e) {
            unsure = true;
            session.drop();
            if (SqlErrors.reaction(e) != SqlErrors.Reaction.RETRY) {
                if (lookedAgain) {
                    throw schemaChanged(e);
                }
                lookedAgain = true;
                applier.lookAgain();
                if (ordered != null) {
                    ordered.lookAgain();
                }
            }
            pace.failed();
            waitFor(target.unreachable(e));
        } catch (EnvironmentException e) {
            waitFor(e);
        } catch (OffsetOutOfRangeException e) {
            TopicPartition gone = e.partitions().iterator().next();
            long position = e.offsetOutOfRangePartitions().getOrDefault(gone, 0L);
            throw PartitionTaker.expired(Assignment.of(gone), position, -1);
        } catch (RetriableException e) {
            waitFor(new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka does not answer (" + e.getClass().getSimpleName() + ")",
                    null,
                    "Check that the brokers run and can be reached.",
                    e));
        }
        return false;
    }

    private HaltException schemaChanged(SQLException e) {
        return new HaltException(
                "TARGET_UNSUITABLE",
                "the target does not take what it took before, or what it should (" + SqlErrors.describe(e) + ")",
                target.address(),
                "Compare the target's tables and our rights with the pipeline file; `plan` shows what is missing.");
    }

    private void waitFor(@Nullable EnvironmentException cause) {
        meter.retried();
        if (cause != null && life.tryBecome(StageState.WAITING, cause)) {
            LOG.warn("waiting: {}", cause.getMessage());
        }
        long until = System.nanoTime() + backoff.next().toNanos();
        assignment.pauseAll();
        while (!stopping.getAsBoolean() && System.nanoTime() < until) {
            consumer.poll(POLL);
        }
        assignment.resumeClaimed();
    }

    private void running() {
        if (!pace.isOutOfOrder()
                && life.status().state() != StageState.RUNNING
                && life.tryBecome(StageState.RUNNING, null)) {
            LOG.info("running");
        }
    }

    /** The ledger alone counts; Kafka is told so that its tools show a lag, and so that the group does not expire. */
    private void hint() {
        lastHintNanos = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        assignment
                .claims()
                .values()
                .forEach(claim ->
                        offsets.put(Assignment.kafka(claim.partition()), new OffsetAndMetadata(claim.position())));
        if (offsets.isEmpty()) {
            return;
        }
        consumer.commitAsync(offsets, (sent, error) -> {
            if (error != null) {
                LOG.debug("Kafka did not take our offsets: {}", error.getClass().getSimpleName());
            }
        });
    }

    private static boolean passed(long sinceNanos, Duration limit) {
        return System.nanoTime() - sinceNanos >= limit.toNanos();
    }
}
