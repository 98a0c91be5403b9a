package io.sluice.source.engine;

import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Continuity;
import io.sluice.source.decode.ChunkWindow;
import io.sluice.source.decode.SeenTransactions;
import io.sluice.source.position.ChunkKeys;
import io.sluice.source.position.Loading;
import io.sluice.source.position.SourceFacts;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.TransactionalPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first part of a session: from what is stored and what is there to a place from which the stream can go on, with every
 * table either loaded, being loaded or halted.
 */
final class SourceStart {

    private static final Logger LOG = LoggerFactory.getLogger(SourceStart.class);

    private static final int SECONDS_PER_MINUTE = 60;

    private final SourceContext context;
    private final TransactionalPublisher publisher;
    private final SourceGuard guard;
    private final Map<String, TopicFacts> topics;
    private final PostgresServer server;
    private final Connection sql;
    private final Connection replication;
    private final Backfills.Opener opener;
    private final BooleanSupplier cancelled;
    private final Runnable loading;

    /**
     * @param replication a replication session, on which a slot can be made
     * @param loading told once rows are being read
     */
    SourceStart(
            SourceContext context,
            TransactionalPublisher publisher,
            Map<String, TopicFacts> topics,
            PostgresServer server,
            Connection sql,
            Connection replication,
            Backfills.Opener opener,
            BooleanSupplier cancelled,
            Runnable loading) {
        this.context = context;
        this.publisher = publisher;
        this.guard = new SourceGuard(context);
        this.topics = topics;
        this.server = server;
        this.sql = sql;
        this.replication = replication;
        this.opener = opener;
        this.cancelled = cancelled;
        this.loading = loading;
    }

    /**
     * Where the stream goes on.
     *
     * @param windows what ranges that were read before have seen of the stream that is to come
     * @param joining publications that the stream can't name yet: the log before their creation does not know them
     */
    record Start(
            SourceFacts facts,
            StoredOffset offset,
            TableStates states,
            Map<TableId, List<ChunkWindow>> windows,
            Set<String> joining) {}

    /** The first start, or another after one that died before its slot was known. */
    Start begin(SourceState stored) throws SQLException, InterruptedException {
        SourceFacts intent = stored.facts();
        if (context.slot().read(sql).isPresent()) {
            if (intent == null) {
                throw guard.forgotten();
            }
            context.slot().drop(sql);
        }
        return begin(
                intent == null ? 1 : intent.epoch(),
                intent != null && intent.epoch() > 1,
                stored.tables(),
                List.of(),
                () -> {});
    }

    /**
     * Starts afresh although something may be stored, because somebody said so.
     *
     * @param intended told once that is stored: a session that begins after it goes on with it by itself
     */
    Start beginEpoch(StateRecords.Salvaged salvaged, Runnable intended) throws SQLException, InterruptedException {
        if (context.slot().read(sql).isPresent()) {
            context.slot().drop(sql);
        }
        SourceFacts facts = salvaged.state().facts();
        int epoch = facts == null
                // Nobody knows how many there were; minutes are more than anyone has counted, and only rise.
                ? (int) (Instant.now().getEpochSecond() / SECONDS_PER_MINUTE)
                : facts.epoch() + 1;
        LOG.info(
                "Source {} begins epoch {}: every table is read again",
                context.source().name(),
                epoch);
        return begin(epoch, true, salvaged.state().tables(), salvaged.unreadable(), intended);
    }

    /** @param before what was stored of tables; of it only counts what operators asked, and was carried out */
    private Start begin(
            int epoch, boolean sweep, Map<TableId, TableState> before, List<byte[]> unreadable, Runnable intended)
            throws SQLException, InterruptedException {
        refuseFindings();
        context.publications().create(sql);
        SourceFacts facts = new SourceFacts(
                epoch,
                server.systemId(),
                server.timeline(),
                context.slotName(),
                List.copyOf(context.tables().publications().keySet()),
                null,
                Continuity.ids(topics));
        unreadable.forEach(key -> publisher.send(context.state().removal(key)));
        publisher.send(context.state().facts(facts));
        publisher.commit();
        intended.run();
        context.reach(Safeguards.Point.INTENT_STORED);
        LOG.info("Creating slot {}; it waits for the transactions that are open now", context.slotName());
        ReplicationSlot.Made made = context.slot().create(replication, server.version());
        context.reach(Safeguards.Point.SLOT_MADE);
        facts = facts.withConsistentPoint(made.consistentPoint());
        StoredOffset offset = new StoredOffset(made.consistentPoint(), SourceContext.nowMicros());
        TableStates states = new TableStates(publisher, context.state(), Map.of());
        LoadMarks marks = new LoadMarks(context.tables(), topics, publisher);
        TablePlan plan = new TablePlan(epoch, offset.lsn(), SourceStart::loadId);
        PostgresCatalog catalog = new PostgresCatalog(sql);
        for (TableId id : context.tables().all()) {
            PostgresTable table = catalog.read(id.schema(), id.table())
                    .orElseThrow(() -> new SQLException("table " + id + " is gone", "42P01"));
            TableState fresh = plan.fresh(id, table, context.tables().readers(id), sweep);
            TableState former = before.get(id);
            String asked = former == null ? null : former.request();
            states.put(asked == null ? fresh : fresh.withRequest(asked));
        }
        announce(states, Map.of(), marks, offset);
        publisher.send(context.state().facts(facts));
        publisher.commit(offset);
        loading.run();
        new WholeLoads(context, publisher, states, marks, topics, server)
                .run(sql, states.all(), made.snapshot(), null, () -> Connections.abort(replication), offset);
        return new Start(facts, offset, states, Map.of(), Set.of());
    }

    Start resume(SourceState stored, SourceFacts facts) throws SQLException, InterruptedException {
        StoredOffset offset = guard.offset(stored);
        SourceFacts now = guard.checkServer(facts, server, offset, replication);
        context.slot().check(context.slot().read(sql), offset.lsn());
        Map<TableId, TableState> known = stored.tables().entrySet().stream()
                .filter(each -> each.getValue().epoch() == facts.epoch())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        TableStates states = new TableStates(publisher, context.state(), known);
        LoadMarks marks = new LoadMarks(context.tables(), topics, publisher);
        boolean newcomers = plan(states, known, marks, offset);
        context.publications().check(sql, facts.publications(), captured(states, known.keySet()));
        Set<String> joining = new HashSet<>(context.tables().publications().keySet());
        joining.removeAll(facts.publications());
        if (newcomers || !joining.isEmpty()) {
            refuseFindings();
            context.publications().create(sql);
        }
        now = now.with(streamed(facts, joining), Continuity.ids(topics));
        if (!now.equals(facts)) {
            publisher.send(context.state().facts(now));
        }
        announce(states, known, marks, offset);
        publisher.commit();
        if (joining.isEmpty()) {
            readWhole(states, marks, offset);
        }
        return new Start(now, offset, states, windows(stored, states, offset), joining);
    }

    /** The joining publications exist by now and the stream has passed their creation: from here on it can name them. */
    void joined(SourceFacts facts) {
        List<String> all = List.copyOf(context.tables().publications().keySet());
        publisher.send(context.state().facts(facts.with(all, facts.topicIds())));
        publisher.commit();
    }

    /** What the stream can name: the log is read with the catalog of its time, and a publication must be there already. */
    private List<String> streamed(SourceFacts facts, Set<String> joining) {
        List<String> wanted = new ArrayList<>(context.tables().publications().keySet());
        wanted.removeAll(joining);
        return wanted.isEmpty() ? facts.publications() : wanted;
    }

    /** The tables whose changes were read so far and are to be read on. */
    private static Set<TableId> captured(TableStates states, Set<TableId> known) {
        return states.all().stream()
                .filter(state -> known.contains(state.table()) && !state.isHalted())
                .map(TableState::table)
                .collect(Collectors.toSet());
    }

    private boolean plan(TableStates states, Map<TableId, TableState> known, LoadMarks marks, StoredOffset offset)
            throws SQLException {
        TablePlan plan = new TablePlan(epoch(known), offset.lsn(), SourceStart::loadId);
        PostgresCatalog catalog = new PostgresCatalog(sql);
        boolean newcomers = false;
        List<TableId> wanted = context.tables().all();
        for (TableId id : wanted) {
            Optional<PostgresTable> found = catalog.read(id.schema(), id.table());
            TableState was = known.get(id);
            if (was == null && found.isEmpty()) {
                refuseFindings();
            }
            newcomers |= was == null;
            TableState next = plan.next(id, was, found, context.tables().readers(id));
            TableState.Halted halted = next.halted();
            if (halted != null) {
                context.tables().refuseGap(id, SourceContext.halt(id, halted));
                Loading open = was == null ? null : was.loading();
                if (open != null) {
                    marks.abandon(id, open, new Position(next.epoch(), offset.lsn(), 0));
                }
            }
            states.put(next);
        }
        for (TableState state : known.values()) {
            if (!wanted.contains(state.table())) {
                // Its changes go by from now on; whoever reads it again later must know.
                states.put(state.readBy(List.of()));
            }
        }
        return newcomers;
    }

    private int epoch(Map<TableId, TableState> known) {
        return known.values().stream().mapToInt(TableState::epoch).findAny().orElse(1);
    }

    /** Marks the begin of every load that has begun now, and shows where each table is. */
    private void announce(TableStates states, Map<TableId, TableState> before, LoadMarks marks, StoredOffset offset) {
        for (TableId id : context.tables().all()) {
            TableState state = states.get(id);
            Loading now = state.loading();
            if (now != null && !now.id().equals(loadId(before.get(id)))) {
                marks.begin(id, now, new Position(state.epoch(), offset.lsn(), 0));
            }
            show(state);
        }
    }

    private static @Nullable String loadId(@Nullable TableState state) {
        Loading loading = state == null ? null : state.loading();
        return loading == null ? null : loading.id();
    }

    private void show(TableState state) {
        Loading now = state.loading();
        TableState.Halted halted = state.halted();
        if (halted != null) {
            context.progress().halted(state.table(), SourceContext.halt(state.table(), halted));
            LOG.warn("Table {} is halted: {} {}", state.table(), halted.code(), halted.remedy());
        } else if (now != null) {
            context.progress().loading(state.table(), now.rows(), now.estimate());
        } else {
            context.progress().loaded(state.table(), state.rows());
        }
    }

    /** Tables that can't be read in ranges are read whole before the stream goes on. */
    private void readWhole(TableStates states, LoadMarks marks, StoredOffset offset)
            throws SQLException, InterruptedException {
        List<TableState> loads = states.all().stream()
                .filter(state -> state.loading() != null && !state.loading().byChunks() && !state.isHalted())
                .toList();
        if (loads.isEmpty()) {
            return;
        }
        loading.run();
        try (LaterSnapshot snapshot = LaterSnapshot.take(opener.open(), cancelled)) {
            new WholeLoads(context, publisher, states, marks, topics, server)
                    .run(sql, loads, snapshot.exportedName(), snapshot.filter(), () -> {}, offset);
        }
    }

    private Map<TableId, List<ChunkWindow>> windows(SourceState stored, TableStates states, StoredOffset offset)
            throws SQLException {
        PostgresCatalog catalog = new PostgresCatalog(sql);
        Map<TableId, List<ChunkWindow>> windows = new HashMap<>();
        for (TableState state : states.all()) {
            Loading open = state.loading();
            TableId id = state.table();
            for (Loading.Chunk chunk : open == null
                    ? List.<Loading.Chunk>of()
                    : open.settledAt(offset.lsn()).unsettled()) {
                SourceState.StoredKeys keys = stored.chunks().get(new SourceState.Slot(id, chunk.slot()));
                Optional<PostgresTable> table = catalog.read(id.schema(), id.table());
                if (keys == null || keys.until() != chunk.until() || table.isEmpty()) {
                    throw guard.chunkLost(id);
                }
                windows.computeIfAbsent(id, none -> new ArrayList<>())
                        .add(new ChunkWindow(
                                SeenTransactions.of(chunk.snapshot(), chunk.until()),
                                new ChunkKeys(id, table.get().row())
                                        .read(keys.keys().unsafeArray())));
            }
        }
        return windows;
    }

    private void refuseFindings() throws SQLException {
        Continuity.refuseErrors(new SourceCheck(context).run());
    }

    static String loadId() {
        return UUID.randomUUID().toString();
    }
}
