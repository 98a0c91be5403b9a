package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.PostgresVersion;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Unchanged;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What differs between versions of the server: the main behaviours on the oldest one. */
class OlderServerIT {

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(PostgresVersion.OLDEST, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void tablesAreReadFollowedAndReadOnAfterARestart() throws Exception {
        try (Capture capture = capture("follow")) {
            capture.execute(
                    "CREATE TABLE items (id bigint PRIMARY KEY, name text, price numeric(10,2))",
                    "INSERT INTO items SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, 20000) i");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            capture.execute(
                    "INSERT INTO items VALUES (20001, 'new', 1), (20002, NULL, NULL)",
                    "UPDATE items SET name = 'changed' WHERE id % 1000 = 0",
                    "UPDATE items SET id = -1 WHERE id = 1",
                    "DELETE FROM items WHERE id % 700 = 0");
            capture.awaitCaughtUp(first);
            first.close();
            capture.execute("UPDATE items SET price = 9 WHERE id = 2");
            PostgresSource second = capture.start();
            capture.awaitCaughtUp(second);

            List<Change> changes = capture.changes("items");
            assertThat(changes).hasSize(20_000 + 2 + 20 + 2 + 28 + 1);
            assertThat(sorted(Capture.lines(Capture.replayed(changes))))
                    .isEqualTo(sorted(capture.lines("SELECT * FROM items")));
        }
    }

    @Test
    void aTransactionAndALoadUnderLoadArriveOnceAndInOrder() throws Exception {
        try (Capture capture = capture("counted")) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.reading("counted").start();
            Capture.awaitStreaming(source);
            try (CounterLoad load = CounterLoad.on(capture)) {
                for (int end = 0; end < 3; end++) {
                    long before = load.transactions();
                    Awaitility.await().atMost(Capture.PATIENCE).until(() -> load.transactions() > before + 200);
                    capture.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                            + " WHERE database = current_database() AND active");
                }
            }
            capture.awaitCaughtUp(source);
            CounterLoad.check(capture);
        }
    }

    @Test
    void anUntouchedLargeValueIsUnchanged() throws Exception {
        try (Capture capture = capture("toast")) {
            capture.execute(
                    "CREATE TABLE plain (id int PRIMARY KEY, body text, n int)",
                    "CREATE TABLE whole (id int PRIMARY KEY, body text, n int)",
                    "ALTER TABLE plain ALTER body SET STORAGE EXTERNAL",
                    "ALTER TABLE whole ALTER body SET STORAGE EXTERNAL",
                    "ALTER TABLE whole REPLICA IDENTITY FULL",
                    "INSERT INTO plain VALUES (1, repeat('x', 20000), 1)",
                    "INSERT INTO whole VALUES (1, repeat('x', 20000), 1)");
            PostgresSource source = capture.reading("plain", "whole").start();
            Capture.awaitStreaming(source);
            capture.execute("UPDATE plain SET n = 2", "UPDATE whole SET n = 2", "UPDATE whole SET id = 2");
            capture.awaitCaughtUp(source);

            List<Change> plain = capture.changes("plain");
            assertThat(((Change.Upserted) plain.get(plain.size() - 1)).after().value("body"))
                    .isEqualTo(Unchanged.UNCHANGED);
            assertThat(Capture.lines(Capture.replayed(capture.changes("whole"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM whole"));
        }
    }

    @Test
    void aPartitionedTableIsOneTable() throws Exception {
        try (Capture capture = capture("parts")) {
            PostgresSourceIT.partitionsAreOneTable(capture);
        }
    }

    @Test
    void columnsMayComeAndGo() throws Exception {
        try (Capture capture = capture("ddl")) {
            capture.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, name text)", "INSERT INTO items VALUES (1, 'one')");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "ALTER TABLE items ADD COLUMN weight int",
                    "INSERT INTO items VALUES (2, 'two', 20)",
                    "ALTER TABLE items DROP COLUMN name",
                    "UPDATE items SET weight = 10 WHERE id = 1");
            capture.awaitCaughtUp(source);

            assertThat(Capture.lines(Capture.replayed(capture.changes("items"))))
                    .containsExactlyInAnyOrder("1|10", "2|two|20");
        }
    }

    @Test
    void aLostSlotHalts() throws Exception {
        try (Capture capture = capture("lost")) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.stop(source);
            capture.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    + " WHERE database = current_database()");

            assertThat(Objects.requireNonNull(Capture.awaitHalt(capture.start()).cause())
                            .code())
                    .isEqualTo("SLOT_LOST");
        }
    }

    @Test
    void theCheckFindsNothingWhereNothingIsWrong() throws Exception {
        try (Capture capture = capture("check")) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)");

            assertThat(capture.reading("items").source().check())
                    .noneMatch(finding -> finding.severity() != Finding.Severity.INFO);
        }
    }

    private static List<String> sorted(List<String> lines) {
        return lines.stream().sorted().toList();
    }

    private static Capture capture(String name) throws SQLException {
        return new Capture(name, new InMemorySchemaStore(), server);
    }
}
