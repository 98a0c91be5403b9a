package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.position.StoredOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
    private final SourceSpec.Origins origins;
    private final Boundary boundary;
    private final LogReader reader = new LogReader(new Handler());
    private final Map<Integer, Open> open = new HashMap<>();

    private long lastBoundary;
    private boolean inTransaction;
    private boolean replayed;
    private boolean leftOut;
    private long commitLsn;
    private long committedAtMicros;
    private int transaction;
    private String transactionName = "";
    private long order;

    /**
     * @param stored the boundary up to which everything is stored
     * @param origins whose transactions are left out: of these the boundary counts, and nothing else
     */
    public LogDecoder(
            int epoch, StoredOffset stored, StreamTable.Tables tables, SourceSpec.Origins origins, Boundary boundary) {
        this.epoch = epoch;
        this.lastBoundary = stored.lsn();
        this.tables = tables;
        this.origins = origins;
        this.boundary = boundary;
    }

    /** Is told of each boundary. */
    public interface Boundary {

        /**
         * @param changes how many the transaction had that ended here
         * @param transaction its id, the lower 32 bits
         */
        void reached(StoredOffset offset, long changes, int transaction);
    }

    public void decode(byte[] chunk) {
        reader.read(chunk);
    }

    /** Whether the last message was a commit, so that a Kafka transaction may end. */
    public boolean atBoundary() {
        return !inTransaction;
    }

    private record Open(StreamTable table, TableChanges changes) {}

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
            leftOut = false;
        }

        @Override
        public void origin(Optional<String> name) {
            leftOut = origins.excludes(name);
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
            tables.reached(epoch, endLsn);
            boundary.reached(new StoredOffset(endLsn, micros), order, transaction);
        }

        @Override
        public void relation(Relation relation) {
            open.remove(relation.oid());
            try {
                StreamTable table = tables.open(relation);
                if (table != null) {
                    open.put(relation.oid(), new Open(table, new TableChanges(table.table(), table.row())));
                }
            } catch (TableHaltException e) {
                tables.halted(e.table(), e.halt(), lastBoundary);
            }
        }

        @Override
        public void insert(int relation, Tuple after) {
            Provenance provenance = next();
            Open table = wanted(relation);
            if (table == null) {
                return;
            }
            try {
                emit(table, table.changes().inserted(after, provenance));
            } catch (HaltException e) {
                halted(relation, table, e);
            }
        }

        @Override
        public void update(int relation, @Nullable Tuple before, boolean whole, Tuple after) {
            Provenance provenance = next();
            Open table = open.get(relation);
            if (table == null) {
                return;
            }
            try {
                boolean newKey = table.changes().changesKey(before, after);
                Provenance second = newKey ? next() : provenance;
                if (replayed || leftOut) {
                    return;
                }
                Change.Upserted upserted = table.changes().updated(before, whole, after, newKey, second);
                if (newKey && before != null) {
                    emit(table, table.changes().deleted(before, whole, provenance));
                }
                if (upserted.after().isWhole()) {
                    emit(table, upserted);
                } else if (!isSeen(table, upserted)) {
                    table.table()
                            .output()
                            .upsertedInPart(upserted, table.changes().keyTexts(before, after));
                }
            } catch (HaltException e) {
                halted(relation, table, e);
            }
        }

        @Override
        public void delete(int relation, Tuple before, boolean whole) {
            Provenance provenance = next();
            Open table = wanted(relation);
            if (table == null) {
                return;
            }
            try {
                emit(table, table.changes().deleted(before, whole, provenance));
            } catch (HaltException e) {
                halted(relation, table, e);
            }
        }

        @Override
        public void truncate(int[] relations) {
            for (int relation : relations) {
                Provenance provenance = next();
                Open table = wanted(relation);
                if (table == null) {
                    continue;
                }
                StreamTable truncated = table.table();
                try {
                    truncated
                            .output()
                            .truncated(
                                    new Change.Truncated(truncated.table(), provenance),
                                    truncated.windows().hasSeen(commitLsn, transaction));
                } catch (HaltException e) {
                    halted(relation, table, e);
                }
            }
        }

        /** That table's changes from here on are passed over, knowingly; the stream goes on for the others. */
        private void halted(int relation, Open table, HaltException cause) {
            tables.halted(table.table().table(), cause, lastBoundary);
            open.remove(relation);
        }

        private boolean isSeen(Open table, Change.Upserted change) {
            LoadWindows windows = table.table().windows();
            return !windows.isEmpty() && windows.drops(change, commitLsn, transaction);
        }

        private void emit(Open table, Change.Upserted change) {
            if (!isSeen(table, change)) {
                table.table().output().upserted(change);
            }
        }

        private void emit(Open table, Change.Deleted change) {
            LoadWindows windows = table.table().windows();
            if (windows.isEmpty() || !windows.drops(change, commitLsn, transaction)) {
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

        /** The table, unless nobody reads it, or this transaction is left out or stored already. */
        private @Nullable Open wanted(int relation) {
            return replayed || leftOut ? null : open.get(relation);
        }
    }
}
