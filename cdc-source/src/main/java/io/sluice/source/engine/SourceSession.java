package io.sluice.source.engine;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.CaptureSession;
import io.sluice.source.decode.SeenTransactions;
import io.sluice.source.position.SourceFacts;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.request.RequestReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to capture a source, from fencing the former instance to the stream's end. Run once, by one thread; {@link #close}
 * and {@link #fail} come from others.
 */
final class SourceSession implements CaptureSession {

    private static final Logger LOG = LoggerFactory.getLogger(SourceSession.class);

    private static final Duration SLOT_GRACE = Duration.ofSeconds(2);
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 50;

    private final SourceContext context;
    private final boolean newEpoch;
    private final SourceGuard guard;
    private final Runnable running;
    private final ConcurrentLinkedQueue<Connection> connections = new ConcurrentLinkedQueue<>();
    private volatile @Nullable CaptureEngine engine;
    private volatile @Nullable Exception failure;
    private volatile boolean closed;
    private volatile boolean owner;
    private volatile boolean successor;
    private volatile boolean epochBegun;

    /**
     * @param newEpoch whether to start afresh, whatever is stored
     * @param running told once the source is being read
     */
    SourceSession(SourceContext context, boolean newEpoch, Runnable running) {
        this.context = context;
        this.newEpoch = newEpoch;
        this.guard = new SourceGuard(context);
        this.running = running;
    }

    @Override
    public void run() throws Exception {
        Map<String, TopicFacts> topics;
        try (TopicAdmin admin = TopicAdmin.open(context.kafka())) {
            topics = admin.check(context.tables().topics());
        }
        try (TransactionalPublisher publisher = TransactionalPublisher.open(
                context.kafka(), context.transactionalId(), context.state(), context.silence())) {
            // At once: whoever finds itself fenced looks here for who did it.
            publisher.send(context.state().owner(context.instance()));
            publisher.commit();
            owner = true;
            capture(publisher, topics);
        }
        rethrow();
    }

    @Override
    public boolean wasOwner() {
        return owner;
    }

    @Override
    public boolean wantsSuccessor() {
        return successor;
    }

    @Override
    public boolean hasBegunEpoch() {
        return epochBegun;
    }

    private void capture(TransactionalPublisher publisher, Map<String, TopicFacts> topics) throws Exception {
        Connection replication = opened(context.connector().openReplication());
        Connection sql = opened(context.connector().open());
        SessionSettings.apply(sql);
        SourceStart start = new SourceStart(
                context,
                publisher,
                topics,
                PostgresServer.read(replication),
                sql,
                replication,
                () -> opened(context.connector().open()),
                () -> closed,
                running);
        SourceStart.Start ready = start(start, topics, sql);
        Connections.abort(replication);
        // Behind what the log must pass until publications made before now can be named.
        long joinedAt = ready.joining().isEmpty() ? 0 : Sql.logEnd(sql);
        Connections.abort(sql);
        stream(
                publisher,
                topics,
                ready,
                joinedAt == 0
                        ? lsn -> {}
                        : lsn -> {
                            if (Long.compareUnsigned(lsn, joinedAt) >= 0) {
                                start.joined(ready.facts());
                                giveWay();
                            }
                        });
    }

    private SourceStart.Start start(SourceStart start, Map<String, TopicFacts> topics, Connection sql)
            throws SQLException, InterruptedException {
        StateReader reader = new StateReader(context.kafka(), context.state());
        if (newEpoch) {
            takeSlot(sql);
            StateRecords.Salvaged salvaged = reader.salvage();
            return start.beginEpoch(salvaged, () -> epochBegun = true);
        }
        SourceState stored = reader.read();
        SourceFacts facts = stored.facts();
        if (facts == null) {
            return start.begin(stored);
        }
        guard.checkTopics(facts.topicIds(), topics);
        return facts.isIntent() ? start.begin(stored) : start.resume(stored, facts);
    }

    private void stream(
            TransactionalPublisher publisher,
            Map<String, TopicFacts> topics,
            SourceStart.Start start,
            LongConsumer committedAt)
            throws Exception {
        try (Connection sql = opened(context.connector().open())) {
            takeSlot(sql);
        }
        LoadMarks marks = new LoadMarks(context.tables(), topics, publisher);
        try (UnreadRows unread =
                new UnreadRows(context, () -> opened(context.connector().open()))) {
            stream(publisher, topics, start, marks, unread, committedAt);
        }
    }

    private void stream(
            TransactionalPublisher publisher,
            Map<String, TopicFacts> topics,
            SourceStart.Start start,
            LoadMarks marks,
            UnreadRows unread,
            LongConsumer committedAt)
            throws Exception {
        StreamTables tables = new StreamTables(context, start.states(), topics, publisher, marks, unread);
        try (EngineBridge bridge = new EngineBridge(
                        context.connector(),
                        context.slotName(),
                        start.facts().publications(),
                        context.source().origins(),
                        context.state(),
                        start.offset(),
                        context.safeguards().positionFilter() ? start.offset().lsn() : 0);
                Waker waker = new Waker(context);
                RequestReader requests = new RequestReader(
                        context.kafka(), context.requests(), context.source().name(), () -> waker.wanted(true));
                Backfills backfills = new Backfills(
                        context,
                        start.states(),
                        tables,
                        topics,
                        publisher,
                        marks,
                        waker,
                        requests.requests(),
                        this::giveWay,
                        () -> opened(context.connector().open()));
                Heartbeat heartbeat =
                        new Heartbeat(context, start.facts().publications(), captured(start.states()), this::fail)) {
            waker.start();
            if (start.joining().isEmpty()) {
                prepareLoads(start, tables, backfills);
                requests.start();
            } else {
                waker.wanted(true);
            }
            CaptureEngine capture = new CaptureEngine(
                    bridge, context, publisher, start.facts().epoch(), tables, backfills, committedAt);
            engine = capture;
            if (closed) {
                return;
            }
            context.progress().stored(start.facts().epoch(), start.offset());
            start.states().all().stream().filter(TableState::isComplete).forEach(state -> context.progress()
                    .streaming(state.table()));
            running.run();
            heartbeat.start();
            LOG.info(
                    "Streaming {} from {}",
                    context.slotName(),
                    LogSequenceNumber.valueOf(start.offset().lsn()).asString());
            capture.run();
        } finally {
            engine = null;
        }
    }

    private static void prepareLoads(SourceStart.Start start, StreamTables tables, Backfills backfills)
            throws SQLException {
        for (TableState state : start.states().all()) {
            TableState.Filter filter = state.filter();
            if (filter != null && !state.isSettled(start.offset().lsn())) {
                tables.windows(state.table()).addWhole(SeenTransactions.of(filter.snapshot(), filter.until()));
            }
        }
        start.windows().forEach((table, windows) -> windows.forEach(tables.windows(table)::addChunk));
        backfills.refresh();
    }

    private static Set<TableId> captured(TableStates states) {
        return states.all().stream()
                .filter(state -> !state.isHalted())
                .map(TableState::table)
                .collect(Collectors.toSet());
    }

    /** Ends this session, between two transactions, to be followed by one that can do what this one can't. */
    private void giveWay() {
        successor = true;
        throw new IllegalStateException("this session gives way to another");
    }

    /** Waits until nobody streams the slot. Whoever does has been fenced; after a while its session is ended. */
    private void takeSlot(Connection sql) throws SQLException, InterruptedException {
        long begin = System.nanoTime();
        Set<Integer> ended = new HashSet<>();
        while (true) {
            Optional<ReplicationSlot.State> state = context.slot().read(sql);
            Integer pid = state.map(ReplicationSlot.State::activePid).orElse(null);
            long waited = System.nanoTime() - begin;
            if (pid == null) {
                return;
            }
            if (waited > SLOT_PATIENCE.toNanos()) {
                throw new EnvironmentException(
                        "SLOT_IN_USE",
                        "another session streams the slot and does not end",
                        "slot " + context.slotName(),
                        "Find process " + pid + " in pg_stat_activity and end it.",
                        null);
            }
            if (waited > SLOT_GRACE.toNanos() && ended.add(pid)) {
                context.slot().release(sql, pid);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private Connection opened(Connection connection) throws SQLException {
        connections.add(connection);
        if (closed) {
            Connections.abort(connection);
            throw new SQLException("the session is closed", "08003");
        }
        return connection;
    }

    /** Ends the session because of something that another thread found. */
    void fail(Exception cause) {
        failure = cause;
        close();
    }

    private void rethrow() throws Exception {
        Exception found = failure;
        if (found != null) {
            throw found;
        }
    }

    @Override
    public Exception causeOr(Exception other) {
        Exception found = failure;
        return found == null ? other : found;
    }

    @Override
    public void close() {
        closed = true;
        CaptureEngine capture = engine;
        if (capture != null) {
            capture.close();
        }
        connections.forEach(Connections::abort);
    }
}
