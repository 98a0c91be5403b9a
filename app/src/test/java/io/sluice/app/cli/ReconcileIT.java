package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice reconcile} beside a pipeline that runs, while its source is written to. */
class ReconcileIT {

    private static final int SEEDS = Integer.getInteger("SEEDS", 60);
    private static final int COMPARISONS = Integer.getInteger("COMPARISONS", 4);
    /** Rows below this are written to all the time; those above are still, so that damage to them lasts. */
    private static final int BUSY = 2_000;

    private static final int ROWS = BUSY + 4_000;

    @TempDir
    private Path folder;

    private Database source;
    private Database target;
    private Path file;
    private @Nullable Load load;

    @BeforeEach
    void databases() throws Exception {
        source = PostgresServer.shared().freshDatabase("reconcile_source");
        target = PostgresServer.shared().freshDatabase("reconcile_target");
        execute(
                source,
                """
                CREATE TABLE accounts (id bigint PRIMARY KEY, name varchar(40), balance numeric(12,2) NOT NULL,
                    changed timestamptz NOT NULL, doc json, note text)
                """,
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer text, items jsonb)",
                "ALTER TABLE orders REPLICA IDENTITY FULL",
                "INSERT INTO accounts SELECT g, 'name ' || g, g * 1.01, '2026-01-01', '{\"a\": 1, \"b\": [2, 3]}',"
                        + " CASE WHEN g % 2 = 0 THEN 'note' END FROM generate_series(1, " + ROWS + ") g",
                "INSERT INTO orders SELECT g, 'c' || g % 7, (SELECT jsonb_agg(jsonb_build_object('sku', 's' || i,"
                        + " 'qty', i)) FROM generate_series(1, 1 + g % 3) i) FROM generate_series(1, " + ROWS + ") g");
        Files.writeString(folder.resolve("password"), source.password());
        file = pipeline(
                """
                      accounts: {from: monolith.public.accounts}
                      balances:
                        from: monolith.public.accounts
                        where: id % 3 != 0
                        columns: {account: {from: id, type: text}, amount: {from: balance}}
                        key: [account]
                        rules: {not_negative: amount >= 0}
                      lines:
                        from: monolith.public.orders
                        split: {array: items, element-key: sku}
                        key: [order_id, sku]
                        columns:
                          order_id: {from: id}
                          sku: {from: $value.sku}
                          qty: {from: $value.qty, type: integer}
                          customer:
                """);
    }

    @AfterEach
    void endLoad() throws Exception {
        if (load != null) {
            load.end();
        }
    }

    private Path pipeline(String tables) throws Exception {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: %s
                control: {postgresql: "%s"}
                sources: {monolith: {postgresql: "%s"}}
                services:
                  one:
                    target: {postgresql: "%s"}
                    partitions: 2
                    tables:
                %s"""
                        .formatted(source.name().replace('_', '-'), url(target), url(source), url(target), tables));
    }

    private static String url(Database database) {
        return "postgresql://%s:${file:password}@%s:%d/%s"
                .formatted(database.user(), database.host(), database.port(), database.name());
    }

    private static Connection open(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    private static void execute(Database database, String... statements) throws SQLException {
        try (Connection connection = open(database);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private SluiceProcess run() throws Exception {
        return SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file.toString());
    }

    /** What a command printed, and how it ended. */
    private record Outcome(int exit, String out, String err) {

        JsonNode table(String name) throws Exception {
            for (JsonNode table : new ObjectMapper().readTree(out).get("tables")) {
                if (table.get("table").asText().equals(name)) {
                    return table;
                }
            }
            throw new AssertionError("no table " + name + " in " + out);
        }
    }

    private Outcome reconcile(String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("reconcile", file.toString()));
        arguments.addAll(List.of(more));
        int exit = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false))
                .run(arguments.toArray(new String[0]));
        return new Outcome(exit, out.toString(), err.toString());
    }

    /** Writes to the busy rows until it is told to end. */
    private final class Load extends Thread {

        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile @Nullable SQLException failure;

        Load() {
            super("load");
        }

        @Override
        public void run() {
            Random random = new Random(7);
            try (Connection connection = open(source);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (int i = 0; !ended.get(); i++) {
                    int id = 1 + random.nextInt(BUSY);
                    statement.addBatch("UPDATE accounts SET balance = balance + 1, changed = now() WHERE id = " + id);
                    // One row that is written to every time.
                    statement.addBatch("UPDATE accounts SET note = 'n" + i + "' WHERE id = 5");
                    statement.addBatch("DELETE FROM accounts WHERE id = " + (1 + random.nextInt(BUSY)));
                    statement.addBatch("INSERT INTO accounts VALUES (" + (1 + random.nextInt(BUSY))
                            + ", 'again', 1, now(), '{}', NULL) ON CONFLICT DO NOTHING");
                    statement.addBatch(
                            "UPDATE orders SET items = items || jsonb_build_array(jsonb_build_object('sku', 't" + i
                                    + "', 'qty', 1)) WHERE id = " + id);
                    statement.addBatch("UPDATE orders SET items = items - 0 WHERE id = " + (1 + random.nextInt(BUSY)));
                    statement.addBatch("DELETE FROM orders WHERE id = " + (1 + random.nextInt(BUSY)));
                    statement.addBatch("INSERT INTO orders VALUES (" + (1 + random.nextInt(BUSY))
                            + ", 'c', '[{\"sku\": \"x\", \"qty\": 2}]') ON CONFLICT DO NOTHING");
                    // One that comes and goes.
                    statement.addBatch(
                            i % 2 == 0
                                    ? "INSERT INTO accounts VALUES (1000000, 'here', 1, now(), '{}', NULL)"
                                    : "DELETE FROM accounts WHERE id = 1000000");
                    statement.executeBatch();
                    connection.commit();
                }
            } catch (SQLException e) {
                failure = e;
            }
        }

        void end() throws Exception {
            ended.set(true);
            join();
            assertThat((Object) failure).isNull();
        }
    }

    private void startLoad() {
        load = new Load();
        load.start();
    }

    @Test
    void findsExactlyWhatWasDamagedAndNothingElseWhileTheSourceIsWrittenTo() throws Exception {
        int falseAlarms = 0;
        try (SluiceProcess pipeline = run()) {
            pipeline.awaitLine("embedded servers run");
            Outcome first = reconcile("--wait", "120");
            assertThat(first.exit()).as(first.out() + first.err()).isZero();
            startLoad();
            for (int i = 0; i < COMPARISONS; i++) {
                Outcome outcome = reconcile("--json", "--values");
                for (String table : List.of("one.accounts", "one.balances", "one.lines")) {
                    JsonNode report = outcome.table(table);
                    falseAlarms += report.get("missing").asInt()
                            + report.get("extra").asInt()
                            + report.get("mismatched").asInt();
                }
                assertThat(outcome.exit()).as(outcome.out() + outcome.err()).isZero();
            }
            Damage damage = new Damage();
            damage.inflict(SEEDS);
            Outcome outcome = reconcile("--json", "--values", "--show", "10000");
            assertThat(outcome.exit()).as(outcome.out() + outcome.err()).isEqualTo(1);
            Set<String> found = new TreeSet<>();
            for (String table : List.of("one.accounts", "one.balances", "one.lines")) {
                outcome.table(table).get("differences").forEach(each -> found.add(name(table, each)));
            }
            assertThat(found).isEqualTo(damage.expected);
            Files.writeString(
                    Path.of("target/prove-reconcile.txt"),
                    "seeded " + damage.expected.size() + ", found " + found.size() + ", false alarms " + falseAlarms
                            + "\n");
            Outcome sample = reconcile("--json", "--values", "--show", "10000", "--sample", "50", "--level", "sample");
            Set<String> some = new TreeSet<>();
            for (String table : List.of("one.accounts", "one.balances", "one.lines")) {
                sample.table(table).get("differences").forEach(each -> some.add(name(table, each)));
            }
            assertThat(some).isNotEmpty().hasSizeLessThan(found.size()).isSubsetOf(found);
            Outcome hidden = reconcile("--table", "one.accounts");
            assertThat(hidden.exit()).isEqualTo(1);
            assertThat(hidden.out()).contains("row ").contains("--values").doesNotContain("damaged");
        }
    }

    private static String name(String table, JsonNode difference) {
        List<String> key = new ArrayList<>();
        difference.get("key").forEach(part -> key.add(part.asText()));
        List<String> columns = new ArrayList<>();
        difference.get("columns").forEach(column -> columns.add(column.asText()));
        return difference.get("kind").asText() + " " + table + " " + String.join("/", key) + " " + columns;
    }

    /** Damage of every kind, to rows of their own. */
    private final class Damage {

        private final Set<String> expected = new TreeSet<>();
        private final List<String> statements = new ArrayList<>();
        private int row = BUSY;

        void inflict(int seeds) throws SQLException {
            for (int i = 0; expected.size() < seeds; i++) {
                inflictOne(i % 16);
            }
            execute(target, statements.toArray(new String[0]));
        }

        private void inflictOne(int kind) {
            // Whole, with its neighbours for swaps: and none that the filter of balances leaves out.
            row += 3;
            int id = row - row % 3 + 1;
            switch (kind) {
                case 0 -> account("missing", id, "[]", "DELETE FROM accounts WHERE id = " + id);
                case 1 ->
                    account(
                            "extra",
                            id + 1_000_000,
                            "[]",
                            "INSERT INTO accounts VALUES (" + (id + 1_000_000) + ", 'damaged', 1, now(), '{}', NULL)");
                case 2 -> mismatch(id, "name", "name = 'damaged'");
                case 3 -> mismatch(id, "name", "name = name || ' '");
                case 4 -> mismatch(id, "balance", "balance = balance + 0.01");
                case 5 -> mismatch(id, "changed", "changed = changed + interval '1 microsecond'");
                case 6 -> mismatch(id, "note", "note = CASE WHEN note IS NULL THEN '' END");
                case 7 -> mismatch(id, "doc", "doc = '{\"a\": 1, \"b\": [3, 2]}'");
                case 8 -> {
                    // Another order of keys, and another way to write a number, is no damage.
                    statements.add("UPDATE accounts SET doc = '{\"b\":[2,3.0],\"a\":1}' WHERE id = " + id);
                }
                case 9 -> {
                    statements.add("UPDATE accounts SET id = -1 WHERE id = " + id);
                    statements.add("UPDATE accounts SET id = " + id + " WHERE id = " + (id + 1));
                    statements.add("UPDATE accounts SET id = " + (id + 1) + " WHERE id = -1");
                    swapped(id);
                    swapped(id + 1);
                }
                case 10 -> {
                    statements.add("DELETE FROM lines WHERE order_id = " + id + " AND sku = 's1'");
                    expected.add("missing one.lines " + id + "/s1 []");
                }
                case 11 -> {
                    statements.add("UPDATE lines SET order_id = " + (id + 1_000_000) + " WHERE order_id = " + id
                            + " AND sku = 's1'");
                    expected.add("missing one.lines " + id + "/s1 []");
                    expected.add("extra one.lines " + (id + 1_000_000) + "/s1 []");
                }
                case 12 -> {
                    statements.add("UPDATE lines SET qty = qty + 1 WHERE order_id = " + id + " AND sku = 's1'");
                    expected.add("mismatch one.lines " + id + "/s1 [qty]");
                }
                case 13 -> {
                    statements.add("INSERT INTO lines (order_id, sku, qty) VALUES (" + id + ", 'damaged', 1)");
                    expected.add("extra one.lines " + id + "/damaged []");
                }
                case 14 -> {
                    statements.add("UPDATE balances SET amount = amount - 0.01 WHERE account = '" + id + "'");
                    expected.add("mismatch one.balances " + id + " [amount]");
                }
                default -> {
                    // A row that the filter leaves out at the source.
                    statements.add(
                            "INSERT INTO balances (account, amount, changed) VALUES ('" + (id + 2) + "', 1, now())");
                    expected.add("extra one.balances " + (id + 2) + " []");
                }
            }
        }

        private void account(String kind, int id, String columns, String statement) {
            statements.add(statement);
            expected.add(kind + " one.accounts " + id + " " + columns);
        }

        private void mismatch(int id, String column, String set) {
            account("mismatch", id, "[" + column + "]", "UPDATE accounts SET " + set + " WHERE id = " + id);
        }

        /** One of the two has a note. */
        private void swapped(int id) {
            expected.add("mismatch one.accounts " + id + " [name, balance, note]");
        }
    }

    @Test
    void whatIsOnlyOnItsWayIsNoDifferenceAlsoWhereNothingMovesIt() throws Exception {
        try (SluiceProcess pipeline = run()) {
            pipeline.awaitLine("embedded servers run");
            Outcome equal = reconcile("--wait", "120");
            assertThat(equal.exit()).as(equal.out() + equal.err()).isZero();
            assertThat(equal.out())
                    .contains("one.accounts: equal through monolith ")
                    .contains("3 tables: 3 equal,");
            pipeline.stop();
        }
        execute(source, "UPDATE accounts SET balance = 0 WHERE id <= 10", "DELETE FROM orders WHERE id = 11");
        Outcome behind = reconcile("--wait", "2", "--json");
        assertThat(behind.exit()).as(behind.out() + behind.err()).isEqualTo(3);
        JsonNode accounts = behind.table("one.accounts");
        assertThat(accounts.get("verdict").asText()).isEqualTo("unsettled");
        assertThat(accounts.get("unsettled").asInt()).isEqualTo(10);
        assertThat(accounts.get("mismatched").asInt()).isZero();
        assertThat(accounts.get("behind").get(0).asText()).isEqualTo("source monolith");
        assertThat(behind.table("one.lines").get("unsettled").asInt()).isEqualTo(3);
    }

    @Test
    void rowsWhoseChangesLieAsideAreCountedApart() throws Exception {
        try (SluiceProcess pipeline = run()) {
            pipeline.awaitLine("embedded servers run");
            assertThat(reconcile("--wait", "120").exit()).isZero();
            execute(
                    source,
                    "UPDATE accounts SET balance = -1 WHERE id IN (3001, 3004)",
                    // This one could be written, but waits behind what was rejected before.
                    "UPDATE accounts SET balance = 5 WHERE id = 3004",
                    "UPDATE accounts SET balance = -2 WHERE id = 3007",
                    "DELETE FROM accounts WHERE id = 3007");
            Outcome outcome = reconcile("--json");
            JsonNode balances = outcome.table("one.balances");
            assertThat(balances.get("verdict").asText()).as(outcome.out()).isEqualTo("except");
            assertThat(balances.get("rejected").asInt()).isEqualTo(1);
            assertThat(balances.get("held").asInt()).isPositive();
            assertThat(balances.get("differences")).isEmpty();
            // A change is parked for all tables of its service.
            JsonNode accounts = outcome.table("one.accounts");
            assertThat(accounts.get("verdict").asText()).isEqualTo("except");
            assertThat(accounts.get("held").asInt()).isEqualTo(3);
            assertThat(outcome.table("one.lines").get("verdict").asText()).isEqualTo("equal");
            assertThat(outcome.exit()).isEqualTo(1);
        }
    }

    @Test
    void wrongArgumentsAreToldBeforeAnythingIsAsked() {
        assertThat(reconcile("--table", "one.nothing").err()).contains("one.accounts, one.balances, one.lines");
        assertThat(reconcile("--sample", "0").exit()).isEqualTo(2);
        assertThat(reconcile("--wait", "0").exit()).isEqualTo(2);
        assertThat(reconcile("--level", "full", "--sample", "5").exit()).isEqualTo(2);
    }
}
