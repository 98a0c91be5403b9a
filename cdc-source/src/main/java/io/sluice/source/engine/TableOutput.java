package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.StreamTable;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.TransactionBounds;
import java.util.List;

/**
 * Publishes the changes of one table that the log tells, until the table halts. Belongs to the publishing thread.
 *
 * <p>Whoever halts the table closes it, for the log's decoder may hold it still: what a halted table's changes would do to those
 * who lack its rows, nobody has thought of.
 */
final class TableOutput implements StreamTable.Output {

    private final TableId table;
    private final ChangeRecords records;
    private final ChangeRecords elsewhere;
    private final TransactionBounds bounds;
    private final TableStates states;
    private final UnreadRows unread;
    private final boolean takesTruncate;
    private final TruncatedTables truncated;
    private final Runnable counter;
    private boolean closed;

    /**
     * @param records for everyone who reads the table
     * @param elsewhere for those alone who have every row
     */
    TableOutput(
            SourceContext context,
            TableId table,
            ChangeRecords records,
            ChangeRecords elsewhere,
            TransactionBounds bounds,
            TableStates states,
            UnreadRows unread,
            TruncatedTables truncated) {
        this.table = table;
        this.records = records;
        this.elsewhere = elsewhere;
        this.bounds = bounds;
        this.states = states;
        this.unread = unread;
        this.takesTruncate = context.tables().takesTruncate(table);
        this.truncated = truncated;
        this.counter = context.progress().changeCounter(table);
    }

    void close() {
        closed = true;
    }

    @Override
    public void upserted(Change.Upserted change) {
        upserted(change, records);
    }

    @Override
    public void upsertedInPart(Change.Upserted change, List<String> key) {
        // The rest of a row that is not read yet is not there; the range that will bring the row brings this change
        // too.
        upserted(change, !closed && unread.isAwaited(states.get(table), key) ? elsewhere : records);
    }

    private void upserted(Change.Upserted change, ChangeRecords to) {
        if (!closed) {
            to.make(change, record -> bounds.send(record, change.provenance()));
            counter.run();
        }
    }

    @Override
    public void deleted(Change.Deleted change) {
        if (!closed) {
            records.make(change, record -> bounds.send(record, change.provenance()));
            counter.run();
        }
    }

    @Override
    public void truncated(Change.Truncated change, boolean seen) {
        if (closed) {
            return;
        }
        // A load that has seen it may have published rows that came after it.
        if (!seen && takesTruncate) {
            records.make(change, record -> bounds.send(record, change.provenance()));
            counter.run();
        } else if (!truncated.take(table)) {
            throw hasNoPlace();
        }
    }

    private HaltException hasNoPlace() {
        return new HaltException(
                "TABLE_TRUNCATED",
                "the table was truncated, which has no place among the changes of single keys",
                "table " + table,
                "Read it again with " + TablePlan.backfillCommand(table) + ": rows that are gone are swept.");
    }
}
