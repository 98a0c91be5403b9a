package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableLoad;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the log into changes with their positions, and keeps the order of things: a change stands between a begin and a
 * commit, the commit is the begin's own, boundaries only rise, and a transaction that is already stored is passed over.
 *
 * <p>A change's order counts every change of its transaction that the log shows, published or not, so that a replay gives it the
 * same number. Belongs to one thread.
 */
public final class LogDecoder {

    private final int epoch;
    private final StreamTable.Tables tables;
    private final Boundary boundary;
    private final LogReader reader = new LogReader(new Handler());
    private final Map<Integer, Open> open = new HashMap<>();
    private final Map<TableId, LoadWindow> windows = new HashMap<>();

    private long lastBoundary;
    private boolean inTransaction;
    private boolean replayed;
    private long commitLsn;
    private long committedAtMicros;
    private int transaction;
    private String transactionName = "";
    private long order;

    /** @param stored the boundary up to which everything is stored */
    public LogDecoder(int epoch, StoredOffset stored, StreamTable.Tables tables, Boundary boundary) {
        this.epoch = epoch;
        this.lastBoundary = stored.lsn();
        this.tables = tables;
        this.boundary = boundary;
    }

    /** Is told of each boundary. */
    public interface Boundary {

        /** @param changes how many the transaction had that ended here */
        void reached(StoredOffset offset, long changes);
    }

    public void decode(byte[] chunk) {
        reader.read(chunk);
    }

    /** Whether the last message was a commit, so that a Kafka transaction may end. */
    public boolean atBoundary() {
        return !inTransaction;
    }

    private record Open(StreamTable table, TableChanges changes, @Nullable LoadWindow window) {}

    private static HaltException outOfOrder(String what) {
        return new HaltException(
                "SOURCE_LOG_OUT_OF_ORDER",
                "the replication stream holds " + what,
                null,
                "Nothing of that transaction was published. This is a defect: please report it. A restart reads it again.");
    }

    private final class Handler implements LogHandler {

        @Override
        public void begin(long lsn, long micros, int id) {
            if (inTransaction) {
                throw outOfOrder("a transaction inside another");
            }
            inTransaction = true;
            commitLsn = lsn;
            committedAtMicros = micros;
            transaction = id;
            transactionName = Integer.toUnsignedString(id);
            order = 0;
            // A boundary is the end of a commit's record: what commits before it is behind it.
            replayed = Long.compareUnsigned(lsn, lastBoundary) < 0;
        }

        @Override
        public void commit(long lsn, long endLsn, long micros) {
            if (!inTransaction || lsn != commitLsn) {
                throw outOfOrder("a commit of another transaction");
            }
            inTransaction = false;
            if (replayed) {
                return;
            }
            if (Long.compareUnsigned(endLsn, lastBoundary) <= 0) {
                throw outOfOrder("a transaction that ends before the one before it");
            }
            lastBoundary = endLsn;
            if (!windows.isEmpty()) {
                finishWindows();
            }
            boundary.reached(new StoredOffset(endLsn, micros), order);
        }

        @Override
        public void relation(Relation relation) {
            StreamTable table = tables.open(relation);
            if (table == null) {
                open.remove(relation.oid());
                return;
            }
            open.put(relation.oid(), new Open(table, new TableChanges(table.table(), table.row()), window(table)));
        }

        @Override
        public void insert(int relation, Tuple after) {
            Provenance provenance = next();
            Open table = wanted(relation);
            if (table != null) {
                emit(table, table.changes().inserted(after, provenance));
            }
        }

        @Override
        public void update(int relation, @Nullable Tuple before, boolean whole, Tuple after) {
            Provenance provenance = next();
            Open table = open.get(relation);
            if (table == null) {
                return;
            }
            boolean newKey = table.changes().changesKey(before, after);
            Provenance second = newKey ? next() : provenance;
            if (replayed) {
                return;
            }
            Change.Upserted upserted = table.changes().updated(before, whole, after, newKey, second);
            if (newKey && before != null) {
                emit(table, table.changes().deleted(before, whole, provenance));
            }
            emit(table, upserted);
        }

        @Override
        public void delete(int relation, Tuple before, boolean whole) {
            Provenance provenance = next();
            Open table = wanted(relation);
            if (table != null) {
                emit(table, table.changes().deleted(before, whole, provenance));
            }
        }

        @Override
        public void truncate(int[] relations) {
            for (int relation : relations) {
                next();
                Open table = wanted(relation);
                if (table != null) {
                    table.table().output().truncated();
                }
            }
        }

        private void emit(Open table, Change.Upserted change) {
            LoadWindow window = table.window();
            if (window != null && window.hasSeen(commitLsn, transaction)) {
                window.seen(change);
            } else {
                table.table().output().upserted(change);
            }
        }

        private void emit(Open table, Change.Deleted change) {
            LoadWindow window = table.window();
            if (window != null && window.hasSeen(commitLsn, transaction)) {
                window.seen(change);
            } else {
                table.table().output().deleted(change);
            }
        }

        private Provenance next() {
            if (!inTransaction) {
                throw outOfOrder("a change outside a transaction");
            }
            return new Provenance(
                    new Position(epoch, lastBoundary, ++order),
                    committedAtMicros,
                    transactionName,
                    Provenance.Kind.STREAM);
        }

        /** The table, unless nobody reads it, or this transaction is stored already. */
        private @Nullable Open wanted(int relation) {
            return replayed ? null : open.get(relation);
        }

        private @Nullable LoadWindow window(StreamTable table) {
            TableLoad.Filter filter = table.filter();
            if (filter == null) {
                return null;
            }
            LoadWindow window = windows.computeIfAbsent(table.table(), id -> new LoadWindow(id, LoadFilter.of(filter)));
            return window.isPast(lastBoundary) ? null : window;
        }

        private void finishWindows() {
            for (Map.Entry<Integer, Open> each : open.entrySet()) {
                Open table = each.getValue();
                LoadWindow window = table.window();
                if (window != null && window.isPast(lastBoundary)) {
                    window.finish(epoch, lastBoundary, table.table().output()::deleted);
                    each.setValue(new Open(table.table(), table.changes(), null));
                }
            }
        }
    }
}
