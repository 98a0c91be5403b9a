package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
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
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice status} while stages run, while they don't, and after they halted. */
class StatusIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private Database source;
    private Database target;

    @BeforeEach
    void databases() throws Exception {
        source = PostgresServer.shared().freshDatabase("status_source");
        target = PostgresServer.shared().freshDatabase("status_target");
        sql(
                "CREATE TABLE users (id int PRIMARY KEY, name text)",
                "CREATE TABLE orders (id int PRIMARY KEY, amount int)",
                "ALTER TABLE orders REPLICA IDENTITY FULL",
                "INSERT INTO users SELECT g, 'n' || g FROM generate_series(1, 500) g",
                "INSERT INTO orders SELECT g, g FROM generate_series(1, 100) g");
        Files.writeString(folder.resolve("password"), source.password());
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(source.jdbcUrl(), source.user(), source.password());
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static String url(Database database) {
        return "postgresql://%s:${file:password}@%s:%d/%s"
                .formatted(database.user(), database.host(), database.port(), database.name());
    }

    private Path pipeline(LocalStack stack) throws Exception {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: %s
                kafka: {bootstrap: "%s"}
                registry: {url: "%s"}
                sources: {monolith: {postgresql: "%s"}}
                control: {postgresql: "%s"}
                services:
                  one:
                    target: {postgresql: "%s"}
                    partitions: 2
                    tables:
                      users: {from: monolith.public.users}
                      orders:
                        from: monolith.public.orders
                        rules: {positive: amount > 0}
                """
                        .formatted(
                                source.name().replace('_', '-'),
                                stack.kafkaBootstrap(),
                                stack.registryUrl(),
                                url(source),
                                url(target),
                                url(target)));
    }

    private SluiceProcess run(Path file, String role) throws Exception {
        return SluiceProcess.start(folder.resolve(role + ".log"), Map.of(), "run", file.toString(), "--role", role);
    }

    /** What the command printed, and how it ended. */
    private record Outcome(int exit, String out) {

        JsonNode json() throws Exception {
            return new ObjectMapper().readTree(out);
        }
    }

    private static Outcome status(Path file, String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("status", file.toString()));
        arguments.addAll(List.of(more));
        int exit = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false))
                .run(arguments.toArray(new String[0]));
        assertThat(err.toString()).isEmpty();
        return new Outcome(exit, out.toString());
    }

    private JsonNode await(Path file, Predicate<JsonNode> condition) throws Exception {
        try {
            return Awaitility.await()
                    .atMost(LONG)
                    .until(() -> status(file, "--json").json(), condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("The processes printed:\n" + printed(), e);
        }
    }

    private String printed() throws IOException {
        StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "*.log")) {
            for (Path log : logs) {
                all.append(log.getFileName()).append(":\n").append(Files.readString(log));
            }
        }
        return all.toString();
    }

    private static boolean isThrough(JsonNode status) {
        return status.path("through").asBoolean();
    }

    private static void assertThatNothingLags(JsonNode status) {
        assertThat(status.at("/sources/0/lagSeconds").asDouble(-1)).isZero();
        assertThat(status.at("/sources/0/lagBytes").asLong(-1)).isZero();
        for (String hop : List.of("transform", "sink")) {
            assertThat(status.at("/services/0/" + hop + "/lagRecords").asLong(-1))
                    .isZero();
            assertThat(status.at("/services/0/" + hop + "/lagSeconds").asDouble(-1))
                    .isZero();
        }
        assertThat(status.at("/services/0/tables/0/rows/lagRecords").asLong(-1)).isZero();
    }

    @Test
    void itTellsTheTruthWhileAllIsIdleWhileStagesAreStoppedAndAfterTheyHalted() throws Exception {
        try (LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY)) {
            Path file = pipeline(stack);
            Outcome before = status(file);
            assertThat(before.out()).contains("never run");
            assertThat(before.exit()).isEqualTo(3);
            try (SluiceProcess captured = run(file, "source,transform")) {
                try (SluiceProcess sink = run(file, "sink")) {
                    JsonNode idle = await(file, StatusIT::isThrough);
                    assertThatNothingLags(idle);
                    assertThat(idle.path("state").asText()).isEqualTo("live");
                    assertThat(idle.at("/sources/0/state").asText()).isEqualTo("live");
                    assertThat(idle.at("/services/0/sink/processes").asInt()).isEqualTo(1);
                    Outcome text = status(file);
                    assertThat(text.exit()).isZero();
                    assertThat(text.out())
                            .contains("all that was committed is applied", "lag 0 s, 0 records", "never verified")
                            .doesNotContain(source.password());
                    sql("INSERT INTO orders VALUES (-1, -1)", "UPDATE orders SET amount = 7 WHERE id = -1");
                    JsonNode parked = await(
                            file,
                            status -> isThrough(status)
                                    && status.at("/services/0/parkedKeys").asInt() == 1);
                    assertThat(parked.at("/services/0/deadLetters/count").asInt())
                            .isEqualTo(2);
                    assertThat(parked.at("/services/0/deadLetters/byCause").toString())
                            .contains("\"rule\":\"positive\"");
                    sink.stop();
                }
                aPausedTableRestsWhileItsNeighboursGoOn(file);
                aPausedServiceKeepsWhatWaitsAndAPausedSourceItsSlot(file);
                whoAskedForWhatIsKept(file);
                whatTheStoppedSinkHasToDoIsCounted(file);
                aTableThatHaltsIsTold(file);
                captured.stop();
            }
            sql("INSERT INTO users VALUES (9001, 'unseen')");
            JsonNode stopped =
                    await(file, status -> status.at("/sources/0/state").asText().equals("stopped"));
            assertThat(stopped.at("/sources/0/lagSeconds").asDouble()).isPositive();
            assertThat(stopped.at("/sources/0/lagBytes").asLong()).isPositive();
            assertThat(stopped.at("/services/0/transform/state").asText()).isEqualTo("stopped");
            aHaltSaysWhatToDo(file);
        }
    }

    private static Outcome command(String name, Path file, String... more) {
        StringWriter out = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(name, file.toString()));
        arguments.addAll(List.of(more));
        int exit = new Cli(new Console(new PrintWriter(out), new PrintWriter(out), false))
                .run(arguments.toArray(new String[0]));
        assertThat(exit).as(out.toString()).isZero();
        return new Outcome(exit, out.toString());
    }

    private long atTarget(String where) throws SQLException {
        try (Connection connection = DriverManager.getConnection(target.jdbcUrl(), target.user(), target.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM users WHERE " + where)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The sink starts when the table is paused already: what was asked for outlives processes. */
    private void aPausedTableRestsWhileItsNeighboursGoOn(Path file) throws Exception {
        command("pause", file, "--table", "one.users", "--reason", "its target is mended");
        try (SluiceProcess sink = run(file, "sink")) {
            sql(
                    "INSERT INTO users SELECT g, 'rested' FROM generate_series(2001, 2020) g",
                    "INSERT INTO orders SELECT g, g FROM generate_series(2001, 2010) g");
            JsonNode paused = await(
                    file,
                    status -> status.at("/services/0/tables/0/rows/lagRecords").asLong() == 20
                            && status.at("/services/0/tables/1/rows/lagRecords").asLong(-1) == 0
                            && status.at("/services/0/sink/state").asText().equals("live"));
            assertThat(paused.at("/services/0/tables/0/state").asText()).isEqualTo("paused");
            assertThat(paused.at("/services/0/tables/0/paused/why").asText()).isEqualTo("its target is mended");
            assertThat(paused.at("/services/0/tables/1/state").asText()).isEqualTo("live");
            assertThat(atTarget("name = 'rested'")).isZero();
            command("resume", file, "--table", "one.users", "--reason", "it is mended");
            await(file, StatusIT::isThrough);
            assertThat(atTarget("name = 'rested'")).isEqualTo(20);
            sink.stop();
        }
    }

    private void aPausedServiceKeepsWhatWaitsAndAPausedSourceItsSlot(Path file) throws Exception {
        command("pause", file, "--service", "one", "--reason", "maintenance");
        try (SluiceProcess sink = run(file, "sink")) {
            sql("INSERT INTO users SELECT g, 'waited' FROM generate_series(3001, 3010) g");
            JsonNode paused = await(
                    file,
                    status -> status.at("/sources/0/lagSeconds").asDouble(-1) == 0
                            && status.at("/services/0/transform/lagRecords").asLong()
                                            + status.at("/services/0/sink/lagRecords")
                                                    .asLong()
                                    == 10);
            assertThat(paused.at("/services/0/state").asText()).isEqualTo("paused");
            assertThat(status(file).out()).contains("service one: PAUSED", "maintenance");
            assertThat(atTarget("name = 'waited'")).isZero();
            command("resume", file, "--service", "one", "--reason", "done");
            await(file, StatusIT::isThrough);
            assertThat(atTarget("name = 'waited'")).isEqualTo(10);

            command("pause", file, "--source", "monolith", "--reason", "a busy hour");
            Awaitility.await().atMost(LONG).until(() -> !isSlotRead());
            sql("INSERT INTO users VALUES (4001, 'unread')");
            JsonNode rested = status(file, "--json").json();
            assertThat(rested.at("/sources/0/state").asText()).isEqualTo("paused");
            assertThat(rested.at("/sources/0/lagSeconds").asDouble()).isPositive();
            assertThat(rested.at("/sources/0/lagBytes").asLong()).isPositive();
            assertThat(status(file).out()).contains("a busy hour", "keeps all log until it is read");
            assertThat(atTarget("name = 'unread'")).isZero();
            command("resume", file, "--source", "monolith", "--reason", "it is over");
            await(file, StatusIT::isThrough);
            assertThat(atTarget("name = 'unread'")).isEqualTo(1);
            command("reconcile", file, "--table", "one.users");
            sink.stop();
        }
    }

    private boolean isSlotRead() throws SQLException {
        try (Connection connection = DriverManager.getConnection(source.jdbcUrl(), source.user(), source.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT bool_or(active) FROM pg_replication_slots WHERE database = '" + source.name() + "'")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void whoAskedForWhatIsKept(Path file) throws Exception {
        JsonNode entries = command("audit", file, "--json").json().path("entries");
        assertThat(entries).hasSize(6);
        assertThat(entries.path(0).path("action").asText()).isEqualTo("resume");
        assertThat(entries.path(5).path("subject").asText()).isEqualTo("table users of service one");
        assertThat(entries.findValuesAsText("outcome")).containsOnly("done");
        assertThat(entries.findValuesAsText("who")).containsOnly(System.getProperty("user.name"));
        assertThat(status(file, "--json")
                        .json()
                        .at("/services/0/tables/0/verification/verdict")
                        .asText())
                .isEqualTo("equal");
    }

    private void whatTheStoppedSinkHasToDoIsCounted(Path file) throws Exception {
        for (int i = 0; i < 4; i++) {
            sql("INSERT INTO users SELECT g, 'late' FROM generate_series(%d, %d) g"
                    .formatted(1_000 + i * 10, 1_009 + i * 10));
        }
        JsonNode behind =
                await(file, status -> status.at("/services/0/sink/lagRecords").asLong() == 40);
        assertThat(behind.at("/services/0/sink/lagExact").asBoolean()).isTrue();
        assertThat(behind.at("/services/0/sink/lagSeconds").asDouble()).isPositive();
        assertThat(behind.at("/services/0/sink/state").asText()).isEqualTo("stopped");
        assertThat(behind.at("/services/0/transform/lagRecords").asLong()).isZero();
        assertThat(behind.at("/sources/0/lagSeconds").asDouble(-1)).isZero();
        assertThat(isThrough(behind)).isFalse();
        Outcome text = status(file);
        assertThat(text.exit()).isEqualTo(3);
        assertThat(text.out()).contains("40 records; no process runs it", "to be written 40");
    }

    private void aTableThatHaltsIsTold(Path file) throws Exception {
        sql("TRUNCATE orders");
        await(file, status -> status.path("state").asText().equals("halted"));
        Outcome text = status(file);
        assertThat(text.exit()).isEqualTo(1);
        assertThat(text.out())
                .contains("table monolith.public.orders: HALTED, the others go on", "docs/runbooks/README.md, ");
    }

    private void aHaltSaysWhatToDo(Path file) throws Exception {
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '"
                            + source.name() + "'");
                    return true;
                });
        try (SluiceProcess halted = run(file, "source")) {
            halted.awaitLine("SLOT_LOST");
            JsonNode status = await(
                    file, each -> each.at("/sources/0/cause/code").asText().equals("SLOT_LOST"));
            assertThat(status.at("/sources/0/state").asText()).isEqualTo("halted");
            assertThat(status.at("/sources/0/cause/runbook").asText()).endsWith("SLOT_LOST");
            assertThat(status(file).out()).contains("source monolith: HALTED", "--new-epoch monolith");
        }
    }
}
