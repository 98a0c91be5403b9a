package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.topic.Names;
import io.sluice.source.engine.RandomTables.ColumnSeed;
import io.sluice.source.engine.RandomTables.Identity;
import io.sluice.source.engine.RandomTables.Kind;
import io.sluice.source.engine.RandomTables.Op;
import io.sluice.source.engine.RandomTables.Statement;
import io.sluice.source.engine.RandomTables.Table;
import io.sluice.source.engine.RandomTables.TableSeed;
import io.sluice.source.engine.RandomTables.Transaction;
import io.sluice.source.types.PostgresText;
import io.sluice.source.types.TypeCases;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Whatever the tables are and whatever is done to them, the change topics replayed are the tables. */
class RandomTablesIT {

    private static final TypeCases CASES = TypeCases.postgresql();

    /** What is done before the start, and what is done after it. */
    record Scenario(List<TableSeed> tables, List<Transaction> before, List<Transaction> after) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        Arbitrary<Integer> number = Arbitraries.integers().between(0, 10_000);
        Arbitrary<ColumnSeed> column =
                Combinators.combine(number, number, Arbitraries.of(false, true)).as(ColumnSeed::new);
        Arbitrary<TableSeed> table = Combinators.combine(
                        number,
                        Arbitraries.of(Identity.class),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(0, 3),
                        column.list().ofMinSize(1).ofMaxSize(8).withSizeDistribution(RandomDistribution.uniform()))
                .as(TableSeed::new);
        Arbitrary<Op> op = Combinators.combine(Arbitraries.of(Kind.class), number, number, Arbitraries.longs())
                .as(Op::new);
        Arbitrary<Transaction> transaction = Combinators.combine(
                        Arbitraries.frequency(Tuple.of(9, true), Tuple.of(1, false)),
                        op.list().ofMinSize(1).ofMaxSize(8).withSizeDistribution(RandomDistribution.uniform()))
                .as(Transaction::new);
        return Combinators.combine(
                        table.list().ofMinSize(1).ofMaxSize(5),
                        transaction.list().ofMaxSize(8).withSizeDistribution(RandomDistribution.uniform()),
                        transaction
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(25)
                                .withSizeDistribution(RandomDistribution.uniform()))
                .as(Scenario::new);
    }

    @Property(tries = 10)
    void theChangeTopicsReplayedAreTheTables(@ForAll("scenarios") Scenario scenario) throws Exception {
        run(scenario, PostgresServer.shared());
    }

    private static void run(Scenario scenario, PostgresServer server) throws Exception {
        try (Capture capture = new Capture("random", server)) {
            int version = capture.sql.getMetaData().getDatabaseMajorVersion();
            RandomTables tables = new RandomTables(CASES, version, scenario.tables());
            List<String> done = new ArrayList<>(CASES.setup());
            tables.tables().forEach(table -> done.addAll(table.setup));
            capture.execute(done.toArray(String[]::new));
            try {
                perform(capture, tables, scenario.before(), done);
                PostgresSource source = capture.reading(tables.tables().stream()
                                .map(table -> table.name)
                                .toArray(String[]::new))
                        .start();
                Capture.awaitStreaming(source);
                done.add("-- it streams");
                perform(capture, tables, scenario.after(), done);
                capture.awaitCaughtUp(source);
                source.close();
                compare(capture, tables.tables());
            } catch (AssertionError | Exception e) {
                if (!capture.sql.getAutoCommit()) {
                    capture.sql.rollback();
                    capture.sql.setAutoCommit(true);
                }
                throw new AssertionError("after\n" + String.join(";\n", done) + ";\n" + e.getMessage(), e);
            }
        }
    }

    private static void perform(Capture capture, RandomTables tables, List<Transaction> transactions, List<String> done)
            throws SQLException, IOException {
        capture.sql.setAutoCommit(false);
        for (Transaction transaction : transactions) {
            done.add("BEGIN");
            for (Op op : transaction.ops()) {
                Savepoint savepoint = capture.sql.setSavepoint();
                try {
                    for (Statement each : tables.statements(op)) {
                        done.add(each.stage().isEmpty() ? each.sql() : "COPY stage to " + each.target());
                        perform(capture, each);
                    }
                } catch (SQLException e) {
                    // A key that is there already; anything else is a mistake of the generator.
                    if (!"23505".equals(e.getSQLState())) {
                        throw e;
                    }
                    done.add("-- refused");
                    capture.sql.rollback(savepoint);
                }
            }
            done.add(transaction.commits() ? "COMMIT" : "ROLLBACK");
            if (transaction.commits()) {
                capture.sql.commit();
            } else {
                capture.sql.rollback();
            }
        }
        capture.sql.setAutoCommit(true);
    }

    private static void perform(Capture capture, Statement statement) throws SQLException, IOException {
        if (statement.stage().isEmpty()) {
            capture.execute(statement.sql());
        } else {
            CopyManager copy = capture.sql.unwrap(PGConnection.class).getCopyAPI();
            ByteArrayOutputStream rows = new ByteArrayOutputStream();
            copy.copyOut("COPY " + statement.stage() + " TO STDOUT", rows);
            copy.copyIn("COPY " + statement.target() + " FROM STDIN", new ByteArrayInputStream(rows.toByteArray()));
        }
    }

    /** Writes the replayed rows into a table of the same columns; then PostgreSQL compares, by the text of whole rows. */
    private static void compare(Capture capture, List<Table> tables) throws SQLException {
        Map<String, List<ConsumerRecord<byte[], byte[]>>> records = capture.records(
                tables.stream().map(table -> topic(capture, table)).toList());
        capture.sql.setAutoCommit(false);
        for (Table table : tables) {
            List<Row> replayed = replay(table, capture.decoded(records.get(topic(capture, table))));
            capture.execute("CREATE TEMP TABLE replayed AS SELECT " + table.columnList() + " FROM " + table.quoted()
                    + " WHERE false");
            for (Row row : replayed) {
                insert(capture, row);
            }
            assertThat(sorted(capture, "replayed", table))
                    .as(table.name)
                    .isEqualTo(sorted(capture, table.quoted(), table));
            capture.execute("DROP TABLE replayed");
        }
        capture.sql.rollback();
        capture.sql.setAutoCommit(true);
    }

    private static String topic(Capture capture, Table table) {
        return new Names(capture.pipelineName).changes("orders", Capture.id(table.name));
    }

    private static List<String> sorted(Capture capture, String from, Table table) throws SQLException {
        List<String> lines = capture.lines("SELECT ROW(" + table.columnList() + ")::text FROM " + from);
        Collections.sort(lines);
        return lines;
    }

    private static void insert(Capture capture, Row row) throws SQLException {
        RowSchema schema = row.schema();
        List<String> names = new ArrayList<>();
        schema.columns().forEach(column -> names.add(Identifiers.quoted(column.name())));
        try (PreparedStatement insert = capture.sql.prepareStatement("INSERT INTO replayed (" + String.join(", ", names)
                + ") VALUES (" + String.join(", ", Collections.nCopies(names.size(), "?")) + ")")) {
            for (int i = 0; i < schema.size(); i++) {
                Object value = row.value(i);
                insert.setObject(
                        i + 1,
                        value == null ? null : PostgresText.of(schema.column(i).type(), value),
                        Types.OTHER);
            }
            insert.execute();
        }
    }

    /** As a consumer does that knows nothing but the changes; it also holds each row before against what it knows. */
    private static List<Row> replay(Table table, List<Change> changes) {
        Map<Key, Row> rows = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Upserted upserted) {
                Row old = rows.get(upserted.key());
                if (table.isFull()) {
                    assertThat(upserted.before()).as("the row before").isEqualTo(old);
                    assertThat(upserted.after().isWhole()).isTrue();
                }
                rows.put(upserted.key(), merged(upserted.after(), old));
            } else if (change instanceof Change.Deleted deleted) {
                Row old = rows.remove(deleted.key());
                assertThat(old).as("a deleted row").isNotNull();
                if (table.isFull()) {
                    assertThat(deleted.before()).as("the row before").isEqualTo(old);
                }
            }
        }
        return new ArrayList<>(rows.values());
    }

    private static Row merged(Row after, Row old) {
        if (after.isWhole()) {
            return after;
        }
        assertThat(old).as("the row that a partial change is of").isNotNull();
        Object[] values = new Object[after.schema().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = after.isUnchanged(i) ? old.value(i) : after.value(i);
        }
        return new Row(after.schema(), values);
    }
}
