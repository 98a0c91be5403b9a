package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.LoadWindows;
import io.sluice.source.decode.Relation;
import io.sluice.source.decode.StreamTable;
import io.sluice.source.decode.TableHaltException;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.ChangeTopic;
import io.sluice.source.publish.TransactionBounds;
import io.sluice.source.publish.TransactionalPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens tables as the log describes them, and closes those that can't go on. Belongs to the publishing thread. */
final class StreamTables implements StreamTable.Tables {

    private final SourceContext context;
    private final TableStates states;
    private final Map<String, TopicFacts> topics;
    private final TableHalts halts;
    private final TruncatedTables truncated;
    private final UnreadRows unread;
    private final TransactionBounds bounds;
    private final Set<TableId> wanted;
    private final Map<TableId, LoadWindows> windows = new HashMap<>();
    private final Map<TableId, Opened> opened = new HashMap<>();

    /** How a table was opened last. The log describes it again whenever the server forgot that it had, often with nothing new. */
    private record Opened(RowSchema row, boolean wholeBefore, List<String> complete, TableOutput output) {}

    StreamTables(
            SourceContext context,
            TableStates states,
            Map<String, TopicFacts> topics,
            TransactionalPublisher publisher,
            LoadMarks marks,
            UnreadRows unread) {
        this.context = context;
        this.unread = unread;
        this.states = states;
        this.topics = topics;
        this.halts = new TableHalts(context, publisher, states, marks);
        this.truncated = new TruncatedTables(context, states, marks);
        this.bounds = new TransactionBounds(context.tables().topicsInOrder(), publisher::send);
        this.wanted = new HashSet<>(context.tables().all());
    }

    /** What loads have seen of a table; others add to it. */
    LoadWindows windows(TableId table) {
        return windows.computeIfAbsent(table, LoadWindows::new);
    }

    /** Loads that begin because of what the log says. */
    TruncatedTables truncated() {
        return truncated;
    }

    @Override
    public @Nullable StreamTable open(Relation relation) {
        TableId id = new TableId(context.source().name(), relation.schema(), relation.name());
        TableState state = states.find(id).orElse(null);
        if (state == null || !wanted.contains(id)) {
            refuseRenamed(relation, id);
            return null;
        }
        if (state.isHalted()) {
            return null;
        }
        if (state.oid() != Integer.toUnsignedLong(relation.oid())) {
            throw replaced(id, "was dropped and made again");
        }
        RowSchema row;
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            row = LogRows.of(new PostgresCatalog(connection), relation, state);
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
        return new StreamTable(id, row, windows(id), output(id, row, relation.identity() == 'f', state.services()));
    }

    /** As it was opened last, as long as its rows look the same: then the registry has nothing to say. */
    private StreamTable.Output output(TableId id, RowSchema row, boolean wholeBefore, List<String> complete) {
        Opened last = opened.get(id);
        if (last != null
                && last.row().equals(row)
                && last.wholeBefore() == wholeBefore
                && last.complete().equals(complete)) {
            return last.output();
        }
        List<ChangeTopic> all = context.tables().changeTopics(id, topics);
        List<ChangeTopic> elsewhere =
                all.stream().filter(topic -> complete.contains(topic.service())).toList();
        ChangeRecords records = records(id, row, wholeBefore, all);
        TableOutput output = new TableOutput(
                context,
                id,
                records,
                elsewhere.equals(all) ? records : records(id, row, wholeBefore, elsewhere),
                bounds,
                states,
                unread,
                truncated);
        opened.put(id, new Opened(row, wholeBefore, complete, output));
        return output;
    }

    private ChangeRecords records(TableId id, RowSchema row, boolean wholeBefore, List<ChangeTopic> to) {
        try {
            return ChangeRecords.of(
                    context.schemas(), id, row, wholeBefore, to, context.kafka().maxRecordBytes());
        } catch (HaltException e) {
            throw new TableHaltException(id, e);
        }
    }

    @Override
    public void halted(TableId table, HaltException cause, long boundary) {
        if (states.get(table).isHalted()) {
            return;
        }
        halts.halt(table, cause, boundary);
        truncated.forget(table);
        windows(table).forgetWhole();
        Opened last = opened.remove(table);
        if (last != null) {
            last.output().close();
        }
    }

    @Override
    public void reached(int epoch, long boundary) {
        for (Map.Entry<TableId, LoadWindows> each : windows.entrySet()) {
            LoadWindows open = each.getValue();
            if (!open.isEmpty()) {
                reached(each.getKey(), open, epoch, boundary);
            }
        }
        truncated.reached(epoch, boundary);
        bounds.reached(epoch, boundary);
    }

    private void reached(TableId table, LoadWindows open, int epoch, long boundary) {
        try {
            open.reached(epoch, boundary, change -> lateDelete(table, change));
        } catch (HaltException e) {
            halted(table, e, boundary);
        }
    }

    /** A delete that turned out to hold only now; its table may have looked otherwise when it was written. */
    private void lateDelete(TableId table, Change.Deleted change) {
        Opened last = opened.get(table);
        if (last == null) {
            throw new IllegalStateException("a delete came from nowhere");
        }
        last.output().deleted(change);
    }

    /** A publication follows a table to its new name; its changes must not vanish because nobody asks for that name. */
    private void refuseRenamed(Relation relation, TableId now) {
        for (TableState state : states.all()) {
            if (state.oid() == Integer.toUnsignedLong(relation.oid())
                    && wanted.contains(state.table())
                    && !state.isHalted()) {
                throw replaced(state.table(), "is now called " + now.schema() + "." + now.table());
            }
        }
    }

    private static TableHaltException replaced(TableId table, String what) {
        return new TableHaltException(
                table,
                new HaltException(
                        "TABLE_REPLACED",
                        "the table " + what,
                        "table " + table,
                        "Give it its name back, or change the pipeline file; then read it again with "
                                + TablePlan.backfillCommand(table) + "."));
    }
}
