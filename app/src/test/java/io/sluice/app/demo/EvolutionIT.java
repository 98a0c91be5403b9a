package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that get new columns and files that get new mappings, as whoever runs a pipeline meets them. */
class EvolutionIT {

    @TempDir
    private Path folder;

    private Database source;
    private Database target;

    @BeforeEach
    void orders() throws Exception {
        source = PostgresServer.shared().freshDatabase("evolution_source");
        target = PostgresServer.shared().freshDatabase("evolution_target");
        execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, gone text NOT NULL)",
                "INSERT INTO orders SELECT g, g, 'x' FROM generate_series(1, 500) g");
    }

    private static Connection open(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl());
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static List<String> rows(Database database, String query) throws SQLException {
        try (Connection connection = open(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT r::text FROM (" + query + ") r ORDER BY 1")) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        }
    }

    private SluiceProcess run(String name, String table, String... more) throws IOException {
        Path file = Files.writeString(
                folder.resolve("pipeline.yaml"),
                "pipeline: " + name
                        + """

                        sources: {monolith: {postgresql: "${env:SOURCE_URL}"}}
                        services:
                          one:
                            target: {postgresql: "${env:TARGET_URL}"}
                            partitions: 2
                            tables:
                              orders: {from: monolith.public.orders, TABLE}
                        """
                                .replace("TABLE", table));
        List<String> arguments = new ArrayList<>(List.of("run", file.toString()));
        arguments.addAll(List.of(more));
        return SluiceProcess.start(
                Files.createTempFile(folder, "run", ".log"),
                Map.of("SOURCE_URL", source.url(), "TARGET_URL", target.url()),
                arguments.toArray(String[]::new));
    }

    private void awaitEqual(SluiceProcess process, String wanted, String found) throws IOException {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> rows(target, found).equals(rows(source, wanted)));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("It printed:\n" + process.printed(), e);
        }
    }

    @Test
    void aTableFollowsItsSourceAndIsMadeAnewWhenItsMappingChanges() throws Exception {
        String doubled = "columns: {total: {expr: amount * 2, type: bigint}}";
        try (SluiceProcess process = run("evolving", doubled)) {
            awaitEqual(
                    process,
                    "SELECT id, amount, gone, amount * 2 FROM orders",
                    "SELECT id, amount, gone, total FROM orders");
            execute(
                    "ALTER TABLE orders ADD COLUMN \"New note\" varchar(20)",
                    "UPDATE orders SET \"New note\" = 'n' || id WHERE id % 3 = 0",
                    "ALTER TABLE orders DROP COLUMN gone",
                    "INSERT INTO orders VALUES (1001, 7, 'late')",
                    "DELETE FROM orders WHERE id = 5");
            awaitEqual(
                    process,
                    "SELECT id, amount, \"New note\", amount * 2 FROM orders",
                    "SELECT id, amount, \"New note\", total FROM orders");
            process.stop();
        }
        String tripled = "columns: {total: {expr: amount * 3, type: bigint}}";
        try (SluiceProcess refused = run("evolving", tripled)) {
            assertThat(refused.awaitExit()).isEqualTo(3);
            assertThat(refused.printed())
                    .contains("column total was made from expression amount * 2")
                    .contains("--changed-mapping rebuild")
                    .doesNotContain("Exception");
        }
        assertThat(rows(target, "SELECT count(*) FROM orders WHERE total = amount * 2"))
                .containsExactly("(500)");
        String columns = "SELECT id, amount, total FROM orders";
        try (SluiceProcess rebuilding = run("evolving", tripled, "--changed-mapping", "rebuild")) {
            awaitEqual(rebuilding, "SELECT id, amount, amount * 3 FROM orders", columns);
            rebuilding.stop();
        }
        try (SluiceProcess again = run("evolving", tripled)) {
            execute("INSERT INTO orders VALUES (1002, 9, 'later')");
            awaitEqual(again, "SELECT id, amount, amount * 3 FROM orders", columns);
            assertThat(again.printed()).doesNotContain("mapping has changed");
            again.stop();
        }
    }

    @Test
    void whatIsNewStaysOutAndIsStillNewAfterARestart() throws Exception {
        String columns = "SELECT id, amount FROM orders";
        try (SluiceProcess process = run("drifting", "on-drift: ignore")) {
            awaitEqual(process, columns, columns);
            execute(
                    "ALTER TABLE orders ADD COLUMN note text",
                    "INSERT INTO orders VALUES (1001, 7, 'x', 'secret value')");
            awaitEqual(process, columns, columns);
            process.awaitLine("leaves out note of monolith.public.orders");
            process.killNine();
        }
        execute("INSERT INTO orders VALUES (1002, 7, 'x', 'secret value')");
        try (SluiceProcess process = run("drifting", "on-drift: ignore")) {
            awaitEqual(process, columns, columns);
            process.awaitLine("leaves out note of monolith.public.orders");
            process.stop();
        }
        execute("INSERT INTO orders VALUES (1003, 7, 'x', 'secret value')");
        try (SluiceProcess process = run("drifting", "on-drift: halt")) {
            process.awaitLine("SOURCE_DRIFTED");
            assertThat(process.printed())
                    .contains("ADD COLUMN \"note\" text")
                    .doesNotContain("secret value")
                    .doesNotContain("Exception");
            process.stop();
        }
        assertThat(rows(target, "SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0"))
                .doesNotContain("(note)");
        try (SluiceProcess process = run("drifting", "on-drift: add", "--changed-mapping", "rebuild")) {
            awaitEqual(process, "SELECT id, amount, note FROM orders", "SELECT id, amount, note FROM orders");
            process.stop();
        }
    }
}
