package io.sluice.sink.sweep;

import io.sluice.localstack.testing.Database;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Loads.Marked;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.ledger.SeenTables;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.TableWriter;
import io.sluice.sink.sweep.SweepPolicy.Swept;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A target whose loads are told by hand, without Kafka. Row topics have one partition, change topics too. */
final class SweepRig implements AutoCloseable {

    final Connection connection;
    private final String url;
    private final LoadLedger ledger = new Ledger("p", "s", "cluster").loads();
    private final TableWriter writer = new TableWriter(Map.of());
    private final Map<TargetTable, Swept> swept = new LinkedHashMap<>();
    private long offset;

    SweepRig(Database database) throws SQLException {
        this.url = database.jdbcUrl();
        this.connection = connect();
        connection.setAutoCommit(true);
        LedgerSchema.prepare(connection);
    }

    Connection connect() throws SQLException {
        Connection opened = DriverManager.getConnection(url);
        try (Statement statement = opened.createStatement()) {
            statement.execute("SET TimeZone TO 'UTC'");
        }
        opened.setAutoCommit(false);
        return opened;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    List<String> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    /** Prepares a table that was made before. */
    void prepare(TargetTable table, List<String> key) throws SQLException {
        swept.put(table, Swept.whole(source(table)));
        new SeenTables("p", "s").prepare(connection, table, key);
    }

    /** The same of a table with several sources, the first of which is the one that is loaded here. */
    void prepareShared(TargetTable table, List<String> key, List<TableId> sources) throws SQLException {
        prepare(table, key);
        swept.put(table, new Swept(Set.copyOf(sources), Optional.empty(), true));
        new Holders("p", "s")
                .prepare(
                        connection,
                        table,
                        key,
                        sources.stream().map(TableId::toString).toList());
    }

    private static TableId source(TargetTable table) {
        return new TableId("m", "public", table.table());
    }

    void write(TargetTable table, RowSchema schema, List<Row> rows) throws SQLException {
        writer.apply(connection, new Write.Upserts(table, schema, rows, false));
    }

    void mark(TargetTable table, LoadMarker.Kind kind, String load) throws SQLException {
        mark(table, kind, load, true);
    }

    /** The end of a load that is not read to its end. */
    void giveUp(TargetTable table, String load) throws SQLException {
        mark(table, LoadMarker.Kind.END, load, false);
    }

    private void mark(TargetTable table, LoadMarker.Kind kind, String load, boolean sweep) throws SQLException {
        connection.setAutoCommit(false);
        LoadMarker marker = new LoadMarker(
                kind,
                source(table),
                load,
                sweep,
                new Position(1, 1, 0),
                new LoadMarker.Passed(new Origin("changes", 0, offset++, 0), 1));
        ledger.enter(connection, topic(table), List.of(new Marked(new RowPartition("rows", 0), table, marker)));
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static LoadLedger.Topic topic(TargetTable table) {
        return new LoadLedger.Topic(table, topicId(table), 1);
    }

    private static String topicId(TargetTable table) {
        return "the topic of " + table;
    }

    Set<String> topicIds() {
        return swept.keySet().stream().map(SweepRig::topicId).collect(Collectors.toSet());
    }

    /** Notes keys that came while the load was open; in a transaction that stays open. */
    void see(Connection in, TargetTable table, String load, List<Key> keys) throws SQLException {
        Begun.Load of = new Begun.Load(table, source(table).toString(), load);
        LoadLedger.Open open = ledger.enter(in, topic(table), List.of()).get(of);
        if (open != null) {
            writer.note(
                    in,
                    open.seen().name(),
                    open.number(),
                    open.seen().keyColumns(),
                    table,
                    keys.get(0).schema(),
                    keys);
        }
    }

    void see(TargetTable table, String load, List<Key> keys) throws SQLException {
        connection.setAutoCommit(false);
        see(connection, table, load, keys);
        connection.commit();
        connection.setAutoCommit(true);
    }

    Sweeper sweeper(int rows) {
        return new Sweeper("p", "s", List.copyOf(swept.keySet()), swept, rows);
    }

    /** Steps until there is nothing to do for now; says how many rows went. */
    int sweep(Sweeper sweeper) throws SQLException {
        try (Connection own = connect()) {
            int gone = 0;
            while (true) {
                try {
                    var step = sweeper.step(own, topicIds());
                    own.commit();
                    if (step.isEmpty()) {
                        return gone;
                    }
                    gone += step.get().deleted();
                } catch (SQLException e) {
                    own.rollback();
                    if (!sweeper.takes(e)) {
                        throw e;
                    }
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
