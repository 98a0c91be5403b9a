package io.sluice.app.demo;

import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
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

/** Rows that are taken apart, all the way: compared with what plain SQL takes out of the source. */
class SplitIT {

    private static final String LINES_WANTED =
            """
            SELECT o.id, e.value->>'sku', (e.value->>'qty')::integer, o.customer
            FROM orders o, jsonb_array_elements(o.items) e ORDER BY 1, 2
            """;
    private static final String LINES_FOUND = "SELECT order_id, sku, qty, customer FROM lines ORDER BY 1, 2";
    private static final String PARTS_WANTED =
            """
            SELECT o.id, p.name, p.value FROM orders o, LATERAL (
                VALUES ('addresses.bill', o.addresses->'bill'), ('addresses.ship', o.addresses->'ship')) p(name, value)
            WHERE jsonb_typeof(p.value) <> 'null' ORDER BY 1, 2
            """;
    private static final String PARTS_FOUND = "SELECT order_id, kind, address FROM addresses ORDER BY 1, 2";

    @TempDir
    private Path folder;

    private Database source;
    private Database target;

    @BeforeEach
    void orders() throws Exception {
        source = PostgresServer.shared().freshDatabase("split_source");
        target = PostgresServer.shared().freshDatabase("split_target");
        execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer text, items jsonb, addresses jsonb)",
                "ALTER TABLE orders REPLICA IDENTITY FULL",
                """
                INSERT INTO orders SELECT g, 'c' || g % 7,
                    (SELECT jsonb_agg(jsonb_build_object('sku', 's' || i, 'qty', i)) FROM generate_series(1, g % 6) i),
                    CASE g % 3 WHEN 0 THEN NULL WHEN 1 THEN '{"ship": {"city": "Ulm"}}'::jsonb
                        ELSE '{"ship": null, "bill": {"city": "Jena"}}' END
                FROM generate_series(1, 300) g
                """);
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static Connection open(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    private static List<List<String>> rows(Database database, String query) throws SQLException {
        try (Connection connection = open(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    private void awaitEqual(SluiceProcess process) throws Exception {
        try {
            Awaitility.await("target equal to what the source's rows hold")
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> rows(source, LINES_WANTED).equals(rows(target, LINES_FOUND))
                            && rows(source, PARTS_WANTED).equals(rows(target, PARTS_FOUND)));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("It printed:\n" + process.printed(), e);
        }
    }

    private SluiceProcess run(Path file, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("run", file.toString()));
        arguments.addAll(List.of(more));
        return SluiceProcess.start(
                folder.resolve(String.join("", more) + ".log"),
                Map.of("SOURCE_URL", source.url(), "TARGET_URL", target.url()),
                arguments.toArray(new String[0]));
    }

    @Test
    void theTargetHoldsThePartsOfTheSourcesRowsWhateverHappensToThem() throws Exception {
        Path file = Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: splitting
                sources: {monolith: {postgresql: "${env:SOURCE_URL}"}}
                services:
                  one:
                    target: {postgresql: "${env:TARGET_URL}"}
                    partitions: 3
                    tables:
                      lines:
                        from: monolith.public.orders
                        split: {array: items, element-key: sku}
                        key: [order_id, sku]
                        columns:
                          order_id: {from: id}
                          sku: {from: $value.sku}
                          qty: {from: $value.qty, type: integer}
                          customer:
                      addresses:
                        from: monolith.public.orders
                        split: {parts: [addresses.ship, addresses.bill]}
                        key: [order_id, kind]
                        columns:
                          order_id: {from: id}
                          kind: {from: $part}
                          address: {from: $value}
                """);
        try (SluiceProcess first = run(file)) {
            awaitEqual(first);
            execute(
                    "UPDATE orders SET items = items - 0 WHERE id % 4 = 1",
                    "UPDATE orders SET items = '[]', addresses = NULL WHERE id % 10 = 2",
                    "UPDATE orders SET customer = 'new' WHERE id % 5 = 0",
                    "DELETE FROM orders WHERE id % 10 = 7",
                    "UPDATE orders SET id = id + 1000 WHERE id % 10 = 9");
            awaitEqual(first);
            first.killNine();
        }
        // A new epoch does not read the log of what happens before it: some rows lose parts, and some are gone.
        execute("UPDATE orders SET items = items - 0 WHERE id % 3 = 1", "DELETE FROM orders WHERE id % 20 = 3");
        try (SluiceProcess second = run(file, "--new-epoch", "monolith")) {
            awaitEqual(second);
            execute("UPDATE orders SET items = items - 0 WHERE id % 2 = 1");
            awaitEqual(second);
        }
    }
}
