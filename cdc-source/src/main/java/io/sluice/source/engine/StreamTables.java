package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.PostgresTypes;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.LoadWindows;
import io.sluice.source.decode.Relation;
import io.sluice.source.decode.StreamTable;
import io.sluice.source.decode.TableHaltException;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.ChangeTopic;
import io.sluice.source.publish.TransactionBounds;
import io.sluice.source.publish.TransactionalPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens tables as the log describes them. Columns and types come from the log alone, for the catalog may be ahead of it; only
 * what the log does not say, whether a column may be null, is looked up.
 */
final class StreamTables implements StreamTable.Tables {

    private static final Logger LOG = LoggerFactory.getLogger(StreamTables.class);

    private static final String UNDEFINED_OBJECT = "42704";

    private final SourceContext context;
    private final TableStates states;
    private final Map<String, TopicFacts> topics;
    private final TransactionalPublisher publisher;
    private final LoadMarks marks;
    private final UnreadRows unread;
    private final TransactionBounds bounds;
    private final Set<TableId> wanted;
    private final Map<TableId, LoadWindows> windows = new HashMap<>();
    private final Map<TableId, Opened> opened = new HashMap<>();

    /** How a table was opened last. The log describes it again whenever the server forgot that it had, often with nothing new. */
    private record Opened(RowSchema row, boolean wholeBefore, List<String> complete, StreamTable.Output output) {}

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
        this.publisher = publisher;
        this.marks = marks;
        this.bounds = new TransactionBounds(context.tables().topicsInOrder(), publisher::send);
        this.wanted = new HashSet<>(context.tables().all());
    }

    /** What loads have seen of a table; others add to it. */
    LoadWindows windows(TableId table) {
        return windows.computeIfAbsent(table, LoadWindows::new);
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
            row = row(new PostgresCatalog(connection), relation, state);
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
        checkKey(id, relation, row, state);
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
        StreamTable.Output output =
                output(id, records, elsewhere.equals(all) ? records : records(id, row, wholeBefore, elsewhere));
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

    /** @param elsewhere for those alone who have every row */
    private StreamTable.Output output(TableId id, ChangeRecords records, ChangeRecords elsewhere) {
        Runnable counter = context.progress().changeCounter(id);
        return new StreamTable.Output() {
            @Override
            public void upserted(Change.Upserted change) {
                records.make(change, record -> bounds.send(record, change.provenance()));
                counter.run();
            }

            @Override
            public void upsertedInPart(Change.Upserted change, List<String> key) {
                if (unread.isAwaited(states.get(id), key)) {
                    // The rest of the row is not there yet; the range that will bring the row brings this change too.
                    elsewhere.make(change, record -> bounds.send(record, change.provenance()));
                    counter.run();
                } else {
                    upserted(change);
                }
            }

            @Override
            public void deleted(Change.Deleted change) {
                records.make(change, record -> bounds.send(record, change.provenance()));
                counter.run();
            }

            @Override
            public void truncated(Change.Truncated change, boolean seen) {
                // A load that has seen it may have published rows that came after it.
                if (!seen && context.tables().takesTruncate(id)) {
                    records.make(change, record -> bounds.send(record, change.provenance()));
                    counter.run();
                    return;
                }
                throw new HaltException(
                        "TABLE_TRUNCATED",
                        "the table was truncated, which has no place among the changes of single keys",
                        "table " + id,
                        "Read it again with " + TablePlan.backfillCommand(id) + ": rows that are gone are swept.");
            }
        };
    }

    /**
     * The table's changes are discarded from here on, and that is stored with the changes before. Where a service must miss
     * nothing, nothing is discarded: then the whole source stops.
     */
    @Override
    public void halted(TableId table, HaltException cause, long boundary) {
        if (publisher.hasFailed()) {
            throw cause;
        }
        context.tables().refuseGap(table, cause);
        TableState state = states.get(table);
        Loading loading = state.loading();
        if (loading != null) {
            marks.abandon(table, loading, new Position(state.epoch(), boundary, 0));
        }
        states.put(state.halted(new TableState.Halted(cause.code(), cause.problem(), cause.remedy(), boundary)));
        windows(table).forgetWhole();
        context.progress().halted(table, cause);
        LOG.error("Table {} halts, the others go on: {} {} {}", table, cause.code(), cause.problem(), cause.remedy());
    }

    @Override
    public void reached(int epoch, long boundary) {
        for (Map.Entry<TableId, LoadWindows> each : windows.entrySet()) {
            LoadWindows open = each.getValue();
            if (!open.isEmpty()) {
                open.reached(epoch, boundary, change -> lateDelete(each.getKey(), change));
            }
        }
        bounds.reached(epoch, boundary);
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

    private static RowSchema row(PostgresCatalog catalog, Relation relation, TableState state) throws SQLException {
        Optional<PostgresTable> now = catalog.read(Integer.toUnsignedLong(relation.oid()));
        List<Column> columns = new ArrayList<>();
        for (Relation.RelationColumn column : relation.columns()) {
            PostgresTypes.Resolved resolved = resolve(catalog.types(), column);
            Column known = now.map(PostgresTable::row)
                    .map(row -> row.indexOf(column.name()) < 0 ? null : row.column(row.indexOf(column.name())))
                    .orElse(null);
            // The log does not say how many dimensions an array was declared with.
            LogicalType type =
                    known != null && known.declared().equals(resolved.declared()) ? known.type() : resolved.type();
            columns.add(new Column(column.name(), type, resolved.declared(), known == null || known.nullable()));
        }
        List<String> key = new ArrayList<>();
        for (String part : state.key()) {
            String name = TableKeys.name(part);
            if (columns.stream().noneMatch(column -> column.name().equals(name))) {
                throw keyChanged(state.table());
            }
            key.add(name);
        }
        return new RowSchema(relation.name(), columns, key);
    }

    /** A type may be gone by now; its values in the log are text all the same. */
    private static PostgresTypes.Resolved resolve(PostgresTypes types, Relation.RelationColumn column)
            throws SQLException {
        try {
            return types.resolve(column.type(), column.modifier(), 0);
        } catch (SQLException e) {
            if (UNDEFINED_OBJECT.equals(e.getSQLState())) {
                return new PostgresTypes.Resolved(new LogicalType.Native("dropped"), "text");
            }
            throw e;
        }
    }

    private static void checkKey(TableId id, Relation relation, RowSchema row, TableState state) {
        if (!TableKeys.of(row).equals(state.key())) {
            throw keyChanged(id);
        }
        Set<String> identifying = new HashSet<>();
        relation.columns().stream()
                .filter(Relation.RelationColumn::identifies)
                .forEach(column -> identifying.add(column.name()));
        boolean named = relation.identity() == 'f' || identifying.equals(new HashSet<>(row.keyColumns()));
        if (relation.identity() == 'n' || !named) {
            throw keyChanged(id);
        }
    }

    private static TableHaltException keyChanged(TableId id) {
        return new TableHaltException(
                id,
                new HaltException(
                        "KEY_CHANGED",
                        "the columns by which the log identifies a row are no longer those that the table was loaded with",
                        "table " + id,
                        "Set the primary key or replica identity back, then read the table again with "
                                + TablePlan.backfillCommand(id)
                                + ". To keep the new key, start a new epoch with `sluice run FILE --new-epoch "
                                + id.source() + "`."));
    }
}
