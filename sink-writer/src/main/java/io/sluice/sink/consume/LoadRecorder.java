package io.sluice.sink.consume;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Loads;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.ledger.LoadLedger.Open;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes in the target what a batch tells of loads, ahead of the batch's rows and in their transaction. Belongs to one thread. */
final class LoadRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(LoadRecorder.class);

    private final TableWriter writer;
    private final List<TargetTable> order;
    private final Map<TargetTable, String> unswept;
    private final Set<TargetTable> said = new HashSet<>();

    /**
     * @param order of the tables, the same for every sink of the service: so that two never wait for each other
     * @param unswept tables that are never swept, and why
     */
    LoadRecorder(TableWriter writer, List<TargetTable> order, Map<TargetTable, String> unswept) {
        this.writer = writer;
        this.order = List.copyOf(order);
        this.unswept = Map.copyOf(unswept);
    }

    /** The tables whose unseen rows are to go. */
    Set<TargetTable> swept() {
        return order.stream().filter(table -> !unswept.containsKey(table)).collect(Collectors.toSet());
    }

    /**
     * Notes it.
     *
     * @param mayBeBad whether a key that the target's types can't hold is left out, for no row of the target can have it
     * @return for each table that something was noted of, which of its loads are open
     */
    Map<TargetTable, Set<Begun.Load>> record(
            Connection connection,
            LoadLedger ledger,
            Loads loads,
            Map<TargetTable, LoadLedger.Topic> topics,
            boolean mayBeBad)
            throws SQLException {
        Map<TargetTable, Set<Begun.Load>> open = new HashMap<>();
        if (loads.markers().isEmpty() && loads.seenTables().isEmpty()) {
            return open;
        }
        Map<TargetTable, List<Loads.Marked>> markers =
                loads.markers().stream().collect(Collectors.groupingBy(Loads.Marked::table));
        for (TargetTable table : order) {
            List<Loads.Marked> of = markers.getOrDefault(table, List.of());
            String whyNot = unswept.get(table);
            LoadLedger.Topic topic = topics.get(table);
            if (whyNot != null) {
                say(table, of, whyNot);
            } else if (topic != null && (!of.isEmpty() || loads.seenTables().contains(table))) {
                open.put(table, record(connection, ledger, loads, topic, of, mayBeBad));
            }
        }
        return open;
    }

    private void say(TargetTable table, List<Loads.Marked> markers, String whyNot) {
        for (Loads.Marked marked : markers) {
            if (marked.marker().kind() == LoadMarker.Kind.BEGIN && said.add(table)) {
                LOG.warn("table {} is not swept: rows that its load does not see stay, for {}", table, whyNot);
            }
        }
    }

    private Set<Begun.Load> record(
            Connection connection,
            LoadLedger ledger,
            Loads loads,
            LoadLedger.Topic topic,
            List<Loads.Marked> markers,
            boolean mayBeBad)
            throws SQLException {
        Map<Begun.Load, Open> open = ledger.enter(connection, topic, markers);
        for (Map.Entry<Begun.Load, Open> load : open.entrySet()) {
            Map<RowSchema, List<Key>> keys = new HashMap<>();
            for (Key key : loads.seen(load.getKey())) {
                keys.computeIfAbsent(key.schema(), schema -> new ArrayList<>()).add(key);
            }
            for (Map.Entry<RowSchema, List<Key>> each : keys.entrySet()) {
                if (mayBeBad) {
                    noteGood(connection, load.getValue(), topic.table(), each.getKey(), each.getValue());
                } else {
                    note(connection, load.getValue(), topic.table(), each.getKey(), each.getValue());
                }
            }
        }
        return Set.copyOf(open.keySet());
    }

    private void noteGood(Connection connection, Open load, TargetTable table, RowSchema schema, List<Key> keys)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            note(connection, load, table, schema, keys);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (SqlErrors.reaction(e) != SqlErrors.Reaction.DATA) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            if (keys.size() > 1) {
                noteGood(connection, load, table, schema, keys.subList(0, keys.size() / 2));
                noteGood(connection, load, table, schema, keys.subList(keys.size() / 2, keys.size()));
            }
        }
    }

    private void note(Connection connection, Open load, TargetTable table, RowSchema schema, List<Key> keys)
            throws SQLException {
        writer.note(connection, load.seen().name(), load.number(), load.seen().keyColumns(), table, schema, keys);
    }
}
