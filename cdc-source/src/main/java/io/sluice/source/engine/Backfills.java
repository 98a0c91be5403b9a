package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.ChunkWindow;
import io.sluice.source.position.ChunkKeys;
import io.sluice.source.position.Loading;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.snapshot.ChunkReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads tables in ranges of their keys while the stream goes on: between two transactions of the stream, by the thread that
 * publishes.
 *
 * <p>Why no row goes back and none is lost: a range is read at a boundary up to which everything is published, in a snapshot that
 * sees all of that; its rows stand behind it. Events that the snapshot has seen too are then left out, of rows that the range
 * held. The range and its keys are stored in the Kafka transaction of its rows, so the next session leaves out the same.
 */
final class Backfills implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backfills.class);

    /** Each holds its keys in memory until the stream has passed it. */
    private static final int MOST_UNSETTLED = 4;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final SourceContext context;
    private final TableStates states;
    private final StreamTables tables;
    private final Map<String, TopicFacts> topics;
    private final TransactionalPublisher publisher;
    private final LoadMarks marks;
    private final Waker waker;
    private final LoadRequests carrier;
    private final Queue<LoadRequest> requests;
    private final Runnable newStream;
    private final Opener opener;
    private final LogMark mark;
    private final Visibility visibility = new Visibility();
    private final Map<TableId, ChunkSize> sizes = new HashMap<>();
    private final Map<Shape, ChangeRecords> compiled = new HashMap<>();
    private final Deque<TableId> turns = new ArrayDeque<>();
    private @Nullable Connection connection;

    /** Opens connections that end with the session. */
    interface Opener {

        Connection open() throws SQLException;
    }

    /** Rows of one shape for the same services are encoded alike. */
    private record Shape(TableId table, RowSchema row, boolean wholeBefore, List<String> services) {}

    /**
     * @param requests of operators, filled by another thread
     * @param newStream ends this session for another; does not return
     */
    Backfills(
            SourceContext context,
            TableStates states,
            StreamTables tables,
            Map<String, TopicFacts> topics,
            TransactionalPublisher publisher,
            LoadMarks marks,
            Waker waker,
            Queue<LoadRequest> requests,
            Runnable newStream,
            Opener opener) {
        this.context = context;
        this.states = states;
        this.tables = tables;
        this.topics = topics;
        this.publisher = publisher;
        this.marks = marks;
        this.waker = waker;
        this.carrier = new LoadRequests(context, states, tables, marks);
        this.requests = requests;
        this.newStream = newStream;
        this.opener = opener;
        this.mark = new LogMark(context);
    }

    /** Looks again which tables are to be read: some were added. */
    void refresh() throws SQLException {
        turns.clear();
        for (TableState state : states.all()) {
            if (isOurs(state)) {
                turns.add(state.table());
            }
        }
        if (turns.isEmpty()) {
            visibility.stop();
        } else {
            // Whatever is open now may have changed a table that was not published yet when it did.
            visibility.trackFrom(Sql.nextTransaction(connection()));
        }
        waker.wanted(!turns.isEmpty());
    }

    private static boolean isOurs(TableState state) {
        Loading loading = state.loading();
        return loading != null && loading.byChunks() && !state.isHalted();
    }

    boolean hasWork() {
        return !turns.isEmpty() || !requests.isEmpty() || tables.truncated().hasBegun();
    }

    /** Is told of every transaction that is published. */
    void published(int transaction) {
        visibility.published(transaction);
    }

    /** One step, at a boundary up to which everything is committed. What it publishes is committed when it returns. */
    void step(StoredOffset at) throws SQLException {
        if (tables.truncated().takeBegun()) {
            refresh();
        }
        settle(at.lsn());
        publisher.commit();
        carryOutRequests(at);
        TableId next = next();
        if (next != null) {
            TableState state = states.get(next);
            Loading loading = state.loading();
            if (loading != null && readChunk(state, loading, at)) {
                mark.emit(connection());
            }
        }
        publisher.commit();
    }

    private void carryOutRequests(StoredOffset at) throws SQLException {
        for (LoadRequest request = requests.poll(); request != null; request = requests.poll()) {
            LoadRequests.Effect effect = carrier.carryOut(request, connection(), at);
            publisher.commit();
            switch (effect) {
                case NONE -> {}
                case LOADS_CHANGED -> refresh();
                case NEW_STREAM -> newStream.run();
            }
        }
    }

    /** The next table in turn that has rows left to read and room for another open range. */
    private @Nullable TableId next() {
        for (int i = turns.size(); i > 0; i--) {
            TableId table = turns.remove();
            TableState state = states.get(table);
            Loading loading = state.loading();
            if (loading == null || !isOurs(state)) {
                continue;
            }
            turns.add(table);
            if (!loading.atEnd() && loading.unsettled().size() < MOST_UNSETTLED) {
                return table;
            }
        }
        if (turns.isEmpty()) {
            rest();
        }
        return null;
    }

    private void rest() {
        waker.wanted(false);
        visibility.stop();
        Connection open = connection;
        connection = null;
        if (open != null) {
            Connections.abort(open);
        }
    }

    /** Notes what the stream has passed, and which loads are over by that. */
    private void settle(long boundary) {
        for (TableId table : List.copyOf(turns)) {
            TableState state = states.get(table);
            Loading loading = state.loading();
            if (loading == null) {
                continue;
            }
            Loading settled = loading.settledAt(boundary);
            if (settled.isOver()) {
                marks.end(table, settled, new Position(state.epoch(), boundary, 0));
                states.put(state.loaded(settled.rows(), null));
                context.progress().loaded(table, settled.rows());
                context.progress().streaming(table);
                context.reach(Safeguards.Point.LOAD_ENDED);
                LOG.info("Read table {}: {} rows", table, settled.rows());
            } else if (!settled.equals(loading)) {
                // Stored with the next range: until then a restart reads a little more than it must.
                states.remember(state.withLoading(settled));
            }
        }
    }

    private boolean readChunk(TableState state, Loading loading, StoredOffset at) throws SQLException {
        TableId table = state.table();
        ChunkSize size = sizes.computeIfAbsent(table, id -> new ChunkSize());
        Set<Key> keys = new HashSet<>();
        long begin = System.nanoTime();
        Position position = new Position(state.epoch(), at.lsn(), 0);
        ChunkReader.Outcome outcome;
        try {
            outcome = new ChunkReader(connection())
                    .read(
                            table,
                            new ChunkReader.Wanted(loading.cursor(), loading.last(), size.rows()),
                            visibility::isComplete,
                            found -> rows(state, loading, found, position, keys));
        } catch (SQLException e) {
            return cannotRead(table, e, at);
        } catch (HaltException e) {
            tables.halted(table, e, at.lsn());
            return true;
        }
        ChunkReader.Chunk chunk = outcome.chunk();
        if (chunk == null) {
            if (outcome.notNow() == ChunkReader.NotNow.TABLE_GONE) {
                gone(table, at);
                return true;
            }
            return false;
        }
        Loading.Chunk read = new Loading.Chunk(
                loading.freeSlot(), chunk.snapshot(), chunk.seen().until());
        tables.windows(table).addChunk(new ChunkWindow(chunk.seen(), keys));
        states.putKeys(table, read, new ChunkKeys(table, chunk.row()).write(keys));
        states.put(states.get(table).withLoading(loading.read(read, chunk.upTo(), chunk.last(), chunk.rows())));
        context.reach(Safeguards.Point.CHUNK_SENT);
        publisher.commit();
        context.reach(Safeguards.Point.CHUNK_COMMITTED);
        context.progress().rowsRead(table, chunk.rows());
        size.took(chunk.bytes(), Duration.ofNanos(System.nanoTime() - begin));
        return true;
    }

    private Consumer<Row> rows(
            TableState state, Loading loading, PostgresTable found, Position position, Set<Key> keys) {
        TableId table = state.table();
        if (found.oid() != state.oid() || !TableKeys.of(found.row()).equals(state.key())) {
            throw new HaltException(
                    found.oid() != state.oid() ? "TABLE_REPLACED" : "KEY_CHANGED",
                    "the table or its key was changed while it was read",
                    "table " + table,
                    "Read it again with " + TablePlan.backfillCommand(table) + ".");
        }
        ChangeRecords records = compiled.computeIfAbsent(
                new Shape(table, found.row(), found.identity() == ReplicaIdentity.FULL, loading.services()),
                shape -> ChangeRecords.of(
                        context.schemas(),
                        table,
                        shape.row(),
                        shape.wholeBefore(),
                        context.tables().changeTopics(table, topics).stream()
                                .filter(topic -> shape.services().contains(topic.service()))
                                .toList(),
                        context.kafka().maxRecordBytes()));
        RowSchema keySchema = found.row().keySchema();
        Provenance provenance = new Provenance(position, SourceContext.nowMicros(), null, Provenance.Kind.SNAPSHOT);
        return row -> {
            Key key = row.key(keySchema);
            keys.add(key);
            records.make(new Change.Upserted(table, key, row, null, provenance), publisher::send);
        };
    }

    /** A table that is locked, or not to be read, is that table's trouble; anything else is the connection's. */
    private boolean cannotRead(TableId table, SQLException failure, StoredOffset at) throws SQLException {
        String state = String.valueOf(failure.getSQLState());
        switch (state) {
            case LOCK_NOT_AVAILABLE -> {
                return false;
            }
            case UNDEFINED_TABLE -> gone(table, at);
            case INSUFFICIENT_PRIVILEGE ->
                tables.halted(
                        table,
                        new HaltException(
                                "TABLE_UNREADABLE",
                                "our user may not read the table",
                                "table " + table,
                                "GRANT SELECT on it, then read it again with " + TablePlan.backfillCommand(table)
                                        + "."),
                        at.lsn());
            default -> throw failure;
        }
        return true;
    }

    private void gone(TableId table, StoredOffset at) {
        tables.halted(
                table,
                new HaltException(
                        "TABLE_REPLACED",
                        "the table is gone",
                        "table " + table,
                        "Take it out of the pipeline file, or read it again with " + TablePlan.backfillCommand(table)
                                + " once it is back."),
                at.lsn());
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null || open.isClosed()) {
            open = opener.open();
            SessionSettings.apply(open);
            connection = open;
        }
        if (!open.getAutoCommit()) {
            open.setAutoCommit(true);
        }
        return open;
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            Connections.abort(open);
        }
    }
}
