package io.sluice.source.engine;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.position.SourceFacts;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableLoad;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.snapshot.LoadJob;
import io.sluice.source.snapshot.LoadListener;
import io.sluice.source.snapshot.SnapshotLoad;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to capture a source, from fencing the former instance to the stream's end. Run once, by one thread; {@link #close}
 * and {@link #fail} come from others.
 */
final class SourceSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceSession.class);

    private static final int MOST_WORKERS = 4;
    private static final Duration SLOT_GRACE = Duration.ofSeconds(2);
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 50;

    private final SourceContext context;
    private final SourceGuard guard;
    private final Runnable running;
    private final ConcurrentLinkedQueue<Connection> connections = new ConcurrentLinkedQueue<>();
    private volatile @Nullable CaptureEngine engine;
    private volatile @Nullable Exception failure;
    private volatile boolean closed;
    private volatile boolean owner;

    /** @param running told once the source is being read */
    SourceSession(SourceContext context, Runnable running) {
        this.context = context;
        this.guard = new SourceGuard(context);
        this.running = running;
    }

    /** What the steps of a session hand on. */
    private record Start(
            SourceFacts facts, StoredOffset offset, Map<TableId, TableLoad> loads, Map<String, TopicFacts> topics) {}

    void run() throws Exception {
        Map<String, TopicFacts> topics;
        try (TopicAdmin admin = TopicAdmin.open(context.kafka())) {
            topics = admin.check(context.tables().topics());
        }
        try (TransactionalPublisher publisher =
                TransactionalPublisher.open(context.kafka(), context.transactionalId(), context.state())) {
            // At once: whoever finds itself fenced looks here for who did it.
            publisher.send(context.state().owner(context.instance()));
            publisher.commit();
            owner = true;
            SourceState stored = new StateReader(context.kafka(), context.state()).read();
            Start start = prepare(publisher, stored, topics);
            stream(publisher, start);
        }
        rethrow();
    }

    /** Whether this session has fenced every other. */
    boolean wasOwner() {
        return owner;
    }

    private Start prepare(TransactionalPublisher publisher, SourceState stored, Map<String, TopicFacts> topics)
            throws SQLException, InterruptedException {
        SourceFacts facts = stored.facts();
        if (facts != null) {
            guard.checkTopics(facts, topics);
        }
        Connection replication = opened(context.connector().openReplication());
        Connection sql = opened(context.connector().open());
        SessionSettings.apply(sql);
        PostgresServer server = PostgresServer.read(replication);
        Start start = facts == null || facts.isIntent()
                ? begin(publisher, facts, topics, server, sql, replication)
                : resume(publisher, stored, facts, topics, server, sql, replication);
        start = loadMissing(publisher, start, server, sql);
        Connections.abort(replication);
        Connections.abort(sql);
        return start;
    }

    /** The first start, or another after one that died before its slot was known. */
    private Start begin(
            TransactionalPublisher publisher,
            @Nullable SourceFacts intent,
            Map<String, TopicFacts> topics,
            PostgresServer server,
            Connection sql,
            Connection replication)
            throws SQLException, InterruptedException {
        ReplicationSlot slot = context.slot();
        if (slot.read(sql).isPresent()) {
            if (intent == null) {
                throw guard.forgotten();
            }
            slot.drop(sql);
        }
        refuseFindings();
        context.publications().create(sql);
        SourceFacts facts = new SourceFacts(
                intent == null ? 1 : intent.epoch(),
                server.systemId(),
                server.timeline(),
                context.slotName(),
                List.copyOf(context.tables().publications().keySet()),
                null,
                ids(topics));
        publisher.send(context.state().facts(facts));
        publisher.commit();
        LOG.info("Creating slot {}; it waits for the transactions that are open now", context.slotName());
        ReplicationSlot.Made made = slot.create(replication, server.version());
        facts = facts.withConsistentPoint(made.consistentPoint());
        StoredOffset offset = new StoredOffset(made.consistentPoint(), nowMicros());
        publisher.send(context.state().facts(facts));
        publisher.commit(offset);
        Start start = new Start(facts, offset, Map.of(), topics);
        return load(
                publisher,
                start,
                server,
                jobs(sql, start, context.tables().all(), null),
                made.snapshot(),
                () -> Connections.abort(replication));
    }

    private Start resume(
            TransactionalPublisher publisher,
            SourceState stored,
            SourceFacts facts,
            Map<String, TopicFacts> topics,
            PostgresServer server,
            Connection sql,
            Connection replication)
            throws SQLException {
        StoredOffset offset = guard.offset(stored);
        SourceFacts now = guard.checkServer(facts, server, offset, replication);
        ReplicationSlot slot = context.slot();
        slot.check(slot.read(sql), offset.lsn());
        context.publications().check(sql, stored.loads().keySet());
        guard.checkTables(sql, stored);
        now = now.with(List.copyOf(context.tables().publications().keySet()), ids(topics));
        if (!now.equals(facts)) {
            publisher.send(context.state().facts(now));
            publisher.commit();
        }
        stored.loads().forEach((table, load) -> {
            if (context.tables().all().contains(table)) {
                context.progress().loaded(table, load.rows());
            }
        });
        return new Start(now, offset, settled(stored.loads(), offset), topics);
    }

    /**
     * The loads that the stream has caught up with. While it has not, what a session knows of the deletes in between lives in
     * its memory alone; so a table whose session ended there is read once more.
     */
    private static Map<TableId, TableLoad> settled(Map<TableId, TableLoad> loads, StoredOffset offset) {
        Map<TableId, TableLoad> settled = new HashMap<>(loads);
        settled.values()
                .removeIf(load -> load.filter() != null
                        && Long.compareUnsigned(offset.lsn(), load.filter().until()) < 0);
        return settled;
    }

    /**
     * Reads the tables whose load was cut short, and those that joined later. The stream has not gone on meanwhile, so their
     * rows stand at the stored boundary; what the load has seen beyond it is dropped from the stream.
     */
    private Start loadMissing(TransactionalPublisher publisher, Start start, PostgresServer server, Connection sql)
            throws SQLException, InterruptedException {
        List<TableId> missing = new ArrayList<>(context.tables().all());
        missing.removeAll(start.loads().keySet());
        if (missing.isEmpty()) {
            return start;
        }
        refuseFindings();
        context.publications().create(sql);
        try (LaterSnapshot snapshot =
                LaterSnapshot.take(opened(context.connector().open()), this::isClosed)) {
            return load(
                    publisher,
                    start,
                    server,
                    jobs(sql, start, missing, snapshot.filter()),
                    snapshot.exportedName(),
                    () -> {});
        }
    }

    private Start load(
            TransactionalPublisher publisher,
            Start start,
            PostgresServer server,
            List<LoadJob> jobs,
            String snapshot,
            Runnable joined)
            throws SQLException, InterruptedException {
        running.run();
        int workers = context.source()
                .snapshotWorkers()
                .orElse(Math.min(MOST_WORKERS, Runtime.getRuntime().availableProcessors()));
        Provenance provenance = new Provenance(
                new Position(start.facts().epoch(), start.offset().lsn(), 0),
                nowMicros(),
                null,
                Provenance.Kind.SNAPSHOT);
        Map<TableId, TableLoad> loads = new HashMap<>(start.loads());
        LoadListener listener = new LoadListener() {
            @Override
            public void loading(TableId table, long estimatedRows) {
                context.progress().loading(table, estimatedRows);
            }

            @Override
            public void rowsRead(TableId table, long rows) {
                context.progress().rowsRead(table, rows);
            }

            @Override
            public void loaded(TableId table, long rows) {
                context.progress().loaded(table, rows);
            }
        };
        new SnapshotLoad(context.connector(), server.version(), workers, context.schemas(), publisher, listener)
                .run(jobs, snapshot, joined, provenance);
        jobs.forEach(job -> loads.put(job.id(), job.completed()));
        return new Start(start.facts(), start.offset(), loads, start.topics());
    }

    private List<LoadJob> jobs(Connection sql, Start start, List<TableId> ids, TableLoad.@Nullable Filter filter)
            throws SQLException {
        PostgresCatalog catalog = new PostgresCatalog(sql);
        List<LoadJob> jobs = new ArrayList<>();
        for (TableId id : ids) {
            Optional<PostgresTable> found = catalog.read(id.schema(), id.table());
            PostgresTable table = found.orElseThrow(() -> new SQLException("table " + id + " is gone", "42P01"));
            jobs.add(new LoadJob(
                    id,
                    table,
                    context.tables().changeTopics(id, start.topics()),
                    new TableLoad(
                            id, table.oid(), context.tables().readers(id), TableKeys.of(table.row()), 0, filter)));
        }
        return jobs;
    }

    private void refuseFindings() throws SQLException {
        List<Finding> errors = new SourceCheck(
                        context.connector(), context.tables().all(), context.slotName())
                .run().stream()
                        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                        .toList();
        if (!errors.isEmpty()) {
            Finding first = errors.get(0);
            throw new BadInputException(
                    "SOURCE_UNFIT",
                    first.problem() + (errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)"),
                    first.place(),
                    first.remedy());
        }
    }

    private void stream(TransactionalPublisher publisher, Start start) throws Exception {
        try (Connection sql = opened(context.connector().open())) {
            takeSlot(sql);
        }
        StreamTables tables = new StreamTables(
                context.source().name(),
                context.tables(),
                start.loads(),
                start.topics(),
                context.connector(),
                context.schemas(),
                publisher,
                context.progress());
        try (EngineBridge bridge = new EngineBridge(
                        context.connector(),
                        context.slotName(),
                        start.facts().publications(),
                        context.source().origins() == SourceSpec.Origins.LOCAL,
                        context.state(),
                        start.offset());
                Heartbeat heartbeat =
                        new Heartbeat(context, new HashSet<>(start.loads().keySet()), this::fail)) {
            CaptureEngine capture = new CaptureEngine(
                    bridge,
                    context.connector(),
                    publisher,
                    context.progress(),
                    start.facts().epoch(),
                    tables);
            engine = capture;
            if (closed) {
                return;
            }
            context.progress().stored(start.facts().epoch(), start.offset());
            context.progress().streaming();
            running.run();
            heartbeat.start();
            LOG.info(
                    "Streaming {} from {}",
                    context.slotName(),
                    Long.toHexString(start.offset().lsn()));
            capture.run();
        } finally {
            engine = null;
        }
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

    private static Map<String, String> ids(Map<String, TopicFacts> topics) {
        Map<String, String> ids = new HashMap<>();
        topics.forEach((name, topic) -> ids.put(name, topic.id().toString()));
        return ids;
    }

    private static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    private Connection opened(Connection connection) throws SQLException {
        connections.add(connection);
        if (closed) {
            Connections.abort(connection);
            throw new SQLException("the session is closed", "08003");
        }
        return connection;
    }

    private boolean isClosed() {
        return closed;
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

    /** The failure that another thread found, or else this one. */
    Exception causeOr(Exception other) {
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
