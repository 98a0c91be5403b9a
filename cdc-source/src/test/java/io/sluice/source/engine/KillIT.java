package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * {@code kill -9} under load. Each update raises its row's counter, so the topic must hold every value once and in order; each
 * row names its transaction and how many rows that has, so every transaction must be there whole.
 */
class KillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 5);
    private static final long PAUSE_NANOS = 2_000_000;
    private static final int ROWS = 30_000;

    @Test
    void nothingIsLostOrDoubledWhenTheProcessIsKilled() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("kill", schemas)) {
            capture.execute(
                    "CREATE TABLE items (id bigint PRIMARY KEY, counter int NOT NULL, tx bigint, size int, body text)",
                    "CREATE TABLE rolls (id bigint PRIMARY KEY, counter int NOT NULL, tx bigint, size int, body text)",
                    "INSERT INTO items SELECT i, 1, NULL, NULL, repeat('b', 100) FROM generate_series(1, " + ROWS
                            + ") i",
                    "INSERT INTO rolls SELECT i, 1, NULL, NULL, repeat('b', 100) FROM generate_series(1, " + ROWS
                            + ") i");
            capture.reading("items", "rolls");
            AtomicBoolean loading = new AtomicBoolean(true);
            Thread load = new Thread(() -> load(capture.database.jdbcUrl(), loading), "load");
            load.start();
            Random random = new Random(7);
            List<String> states = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                Process child = child(capture, registry.url());
                // The first ones into the load, the others into the stream; at no special moment.
                String until = kill < 2 ? "LOADING" : "CHANGING";
                states.add(awaitState(child, until));
                TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(kill < 2 ? 200 : 1_500));
                child.destroyForcibly().waitFor();
            }
            loading.set(false);
            load.join();
            PostgresSource last = capture.start();
            capture.awaitCaughtUp(last);

            for (String table : List.of("items", "rolls")) {
                List<Change> changes = capture.changes(table);
                checkCounters(changes);
                checkTransactions(changes);
                // Sorted: comparing in any order takes the square of so many rows.
                assertThat(sorted(Capture.lines(Capture.replayed(changes))))
                        .isEqualTo(sorted(capture.lines("SELECT * FROM " + table)));
            }
            assertThat(states).contains("LOADING", "CHANGING");
        }
    }

    @Test
    void aFrozenInstanceLosesTheSlotAndStopsWhenItWakes() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("frozen", schemas)) {
            capture.execute(
                    "CREATE TABLE items (id bigint PRIMARY KEY)",
                    "CREATE TABLE rolls (id bigint PRIMARY KEY)",
                    "INSERT INTO items VALUES (0)");
            capture.reading("items", "rolls");
            Process frozen = child(capture, registry.url());
            try {
                awaitState(frozen, "STREAMING");
                Awaitility.await().atMost(Capture.PATIENCE).until(() -> "t"
                        .equals(capture.query(
                                "SELECT active FROM pg_replication_slots" + " WHERE database = current_database()")));
                signal(frozen, "STOP");
                capture.execute("INSERT INTO items VALUES (1)");
                PostgresSource second = capture.start();
                capture.awaitCaughtUp(second);
                signal(frozen, "CONT");

                assertThatThrownBy(() -> awaitState(frozen, "NEVER")).hasMessageContaining("SOURCE_TAKEN_OVER");
                capture.execute("INSERT INTO items VALUES (2)");
                capture.awaitCaughtUp(second);
                assertThat(capture.changes("items")).hasSize(3);
            } finally {
                frozen.destroyForcibly().waitFor();
            }
        }
    }

    private static List<String> sorted(List<String> lines) {
        return lines.stream().sorted().toList();
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private static Process child(Capture capture, String registry) throws Exception {
        // What a killed process leaves behind stays in the build's folder.
        Path scratch = Files.createDirectories(Path.of("target", "killed").toAbsolutePath());
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx512m",
                "-Djava.io.tmpdir=" + scratch,
                "-cp",
                System.getProperty("java.class.path"),
                CaptureMain.class.getName(),
                capture.pipelineName,
                capture.database.url(),
                KafkaServer.shared().bootstrapServers(),
                registry,
                "items",
                "rolls");
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String awaitState(Process child, String state) throws Exception {
        BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("HALTED")) {
                throw new AssertionError(line);
            }
            // A load may be over before anyone looks.
            if (line.equals(state) || (state.equals("LOADING") && line.equals("CHANGING"))) {
                return line;
            }
        }
        throw new AssertionError("the child ended with " + child.waitFor());
    }

    /** Single updates, transactions of many, a COPY whose rows share one place in the log, deletes and new rows. */
    private static void load(String url, AtomicBoolean going) {
        Random random = new Random(1);
        long next = 1_000_000;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long tx = 1; going.get(); tx++) {
                String table = random.nextBoolean() ? "items" : "rolls";
                switch (random.nextInt(10)) {
                    case 0 -> {
                        int size = 500;
                        StringBuilder lines = new StringBuilder();
                        for (int i = 0; i < size; i++) {
                            lines.append(next++)
                                    .append("\t1\t")
                                    .append(tx)
                                    .append('\t')
                                    .append(size)
                                    .append("\tcopied\n");
                        }
                        connection
                                .unwrap(PGConnection.class)
                                .getCopyAPI()
                                .copyIn("COPY " + table + " FROM STDIN", new java.io.StringReader(lines.toString()));
                    }
                    case 1 -> {
                        int from = random.nextInt(ROWS - 300);
                        statement.execute("UPDATE " + table + " SET counter = counter + 1, tx = " + tx
                                + ", size = (SELECT count(*) FROM " + table + " WHERE id BETWEEN " + from + " AND "
                                + (from + 200) + ") WHERE id BETWEEN " + from + " AND " + (from + 200));
                    }
                    case 2 ->
                        statement.execute("DELETE FROM " + table + " WHERE id = "
                                + (1_000_000 + random.nextInt((int) (next - 999_999))));
                    default ->
                        statement.execute("UPDATE " + table + " SET counter = counter + 1, tx = " + tx
                                + ", size = 1 WHERE id = " + (1 + random.nextInt(ROWS)));
                }
                connection.commit();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (SQLException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A load that was cut short repeats rows as they are then; from there on each value comes once. */
    private static void checkCounters(List<Change> changes) {
        Map<Object, Integer> last = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Deleted deleted) {
                last.remove(Objects.requireNonNull(deleted.key().part(0)));
            } else if (change instanceof Change.Upserted upserted) {
                Object id = Objects.requireNonNull(upserted.after().value("id"));
                int counter = (Integer) Objects.requireNonNull(upserted.after().value("counter"));
                Integer before = last.put(id, counter);
                if (change.provenance().kind() == Provenance.Kind.SNAPSHOT) {
                    assertThat(before == null || before <= counter)
                            .as("row %s goes back", id)
                            .isTrue();
                } else {
                    assertThat(counter).as("row %s", id).isEqualTo(before == null ? 1 : before + 1);
                }
            }
        }
    }

    private static void checkTransactions(List<Change> changes) {
        Map<Object, Integer> seen = new HashMap<>();
        Map<Object, Integer> sizes = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Upserted upserted
                    && change.provenance().kind() == Provenance.Kind.STREAM) {
                Object tx = Objects.requireNonNull(upserted.after().value("tx"));
                seen.merge(tx, 1, Integer::sum);
                sizes.put(tx, (Integer) Objects.requireNonNull(upserted.after().value("size")));
            }
        }
        assertThat(seen).isNotEmpty().isEqualTo(sizes);
    }
}
