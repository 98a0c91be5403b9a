package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.TcpProxy;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.source.testing.KillableBroker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the source depends on goes away for a while: it waits, says so, goes on, and nothing is lost or doubled. */
class OutageIT {

    @TempDir
    Path folder;

    @Test
    void aServerThatCrashesUnderLoadIsReadOn() throws Exception {
        LocalPostgres server = LocalPostgres.start(folder.resolve("postgres"));
        try {
            server.createDatabase("shop");
            Database database =
                    new Database(server.host(), server.port(), server.user(), server.password(), "shop", "");
            try (Capture capture = new Capture(
                    "crash",
                    new InMemorySchemaStore(),
                    database,
                    KafkaServer.shared().bootstrapServers())) {
                CounterLoad.prepare(capture);
                PostgresSource source = capture.reading("counted").start();
                Capture.awaitStreaming(source);
                try (CounterLoad load = CounterLoad.on(capture)) {
                    for (int crash = 0; crash < 2; crash++) {
                        awaitMore(load);
                        signal("QUIT", server.pid());
                        server.onExit().get(30, TimeUnit.SECONDS);
                        server.close();
                        awaitState(source, StageState.WAITING);
                        assertThat(Objects.requireNonNull(source.status().cause())
                                        .place())
                                .isEqualTo(database.host() + ":" + database.port() + "/shop");
                        server = LocalPostgres.start(folder.resolve("postgres"));
                        awaitState(source, StageState.RUNNING);
                    }
                    awaitMore(load);
                }
                capture.reconnect();
                capture.awaitCaughtUp(source);
                CounterLoad.check(capture);
            }
        } finally {
            server.close();
        }
    }

    @Test
    void replicationSessionsThatAreEndedUnderLoadAreFollowedByOthers() throws Exception {
        try (Capture capture = new Capture("walsenders")) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.reading("counted").start();
            Capture.awaitStreaming(source);
            try (CounterLoad load = CounterLoad.on(capture)) {
                for (int end = 0; end < 3; end++) {
                    awaitMore(load);
                    String ended = Awaitility.await()
                            .atMost(Capture.PATIENCE)
                            .until(
                                    () -> capture.query("SELECT active_pid FROM pg_replication_slots"
                                            + " WHERE database = current_database()"),
                                    Objects::nonNull);
                    capture.execute("SELECT pg_terminate_backend(" + ended + ")");
                }
            }
            capture.awaitCaughtUp(source);
            CounterLoad.check(capture);
        }
    }

    @Test
    void aBrokerThatIsKilledUnderLoadIsPublishedToAgain() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("broker");
        try (KillableBroker broker = KillableBroker.start(folder.resolve("kafka"));
                Capture capture = new Capture("broker", new InMemorySchemaStore(), database, broker.address())) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.reading("counted").start();
            Capture.awaitStreaming(source);
            try (CounterLoad load = CounterLoad.on(capture)) {
                awaitMore(load);
                long before = source.progress().boundary();
                broker.kill();
                // Long before the producer gives up.
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> source.status().state() == StageState.WAITING);
                assertThat(Objects.requireNonNull(source.status().cause()).code())
                        .isEqualTo("KAFKA_UNAVAILABLE");
                broker.restart();
                Awaitility.await()
                        .atMost(Duration.ofMinutes(3))
                        .until(() -> source.progress().boundary() > before);
                awaitState(source, StageState.RUNNING);
                awaitMore(load);
            }
            capture.awaitCaughtUp(source);
            CounterLoad.check(capture);
        }
    }

    @Test
    void aRegistryThatIsAwayWhenAColumnIsAddedIsWaitedFor() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                TcpProxy line =
                        TcpProxy.to("127.0.0.1", URI.create(registry.url()).getPort());
                SchemaRegistryClient schemas =
                        SchemaRegistryClient.open(RegistrySettings.of("http://" + line.host() + ":" + line.port()));
                Capture capture = new Capture("registry", schemas)) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            line.refuse();
            capture.execute(
                    "INSERT INTO items VALUES (1)",
                    "ALTER TABLE items ADD COLUMN name text",
                    "INSERT INTO items VALUES (2, 'two')");
            awaitState(source, StageState.WAITING);
            assertThat(Objects.requireNonNull(source.status().cause()).code()).isEqualTo("REGISTRY_UNAVAILABLE");
            line.passOn();

            capture.awaitCaughtUp(source);
            assertThat(Capture.lines(Capture.replayed(capture.changes("items"))))
                    .containsExactlyInAnyOrder("1", "2|two");
            assertThat(capture.changes("items")).hasSize(2);
        }
    }

    @Test
    void aLineThatIsCutIsTakenUpAgain() throws Exception {
        try (Capture capture = new Capture("cut");
                TcpProxy line = TcpProxy.to(capture.database.host(), capture.database.port())) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.adjusting(Adjust.url(through(capture, line)))
                    .reading("counted")
                    .start();
            Capture.awaitStreaming(source);
            try (CounterLoad load = CounterLoad.on(capture)) {
                awaitMore(load);
                line.reset();
                awaitMore(load);
                line.halfClose();
                awaitMore(load);
                line.delay(Duration.ofMillis(30));
                awaitMore(load);
                line.refuse();
                awaitState(source, StageState.WAITING);
                assertThat(Objects.requireNonNull(source.status().cause()).code())
                        .isEqualTo("DATABASE_UNAVAILABLE");
                line.passOn();
                awaitState(source, StageState.RUNNING);
            }
            capture.awaitCaughtUp(source);
            CounterLoad.check(capture);
        }
    }

    @Test
    void aLineThatFallsSilentIsNoticedAndReplaced() throws Exception {
        try (Capture capture = new Capture("silent");
                TcpProxy line = TcpProxy.to(capture.database.host(), capture.database.port())) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.adjusting(Adjust.url(through(capture, line)))
                    .reading("counted")
                    .start();
            Capture.awaitStreaming(source);
            try (CounterLoad load = CounterLoad.on(capture)) {
                awaitMore(load);
                line.stall();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(90))
                        .until(() -> source.status().state() == StageState.WAITING);
                line.passOn();
                awaitState(source, StageState.RUNNING);
                awaitMore(load);
            }
            capture.awaitCaughtUp(source);
            CounterLoad.check(capture);
        }
    }

    @Test
    void aStopIsQuickWhateverTheSourceIsAt() throws Exception {
        try (Capture capture = new Capture("stops");
                TcpProxy line = TcpProxy.to(capture.database.host(), capture.database.port())) {
            capture.execute(
                    "CREATE TABLE items (id bigint PRIMARY KEY, body text)",
                    "INSERT INTO items SELECT i, repeat('x', 300) FROM generate_series(1, 300000) i");
            capture.adjusting(Adjust.url(through(capture, line))).reading("items");

            PostgresSource loading = capture.start();
            Awaitility.await()
                    .atMost(Capture.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> loading.progress().tables().get(0).rowsRead() > 0);
            stopsQuickly(capture, loading);

            PostgresSource streaming = capture.start();
            Capture.awaitStreaming(streaming);
            capture.execute("INSERT INTO items SELECT i, 'x' FROM generate_series(300001, 400000) i");
            stopsQuickly(capture, streaming);

            line.refuse();
            PostgresSource waiting = capture.source();
            waiting.start();
            awaitState(waiting, StageState.WAITING);
            stopsQuickly(capture, waiting);
            line.passOn();

            PostgresSource cutOff = capture.start();
            Capture.awaitStreaming(cutOff);
            line.stall();
            stopsWithin(cutOff, Duration.ofSeconds(5));
            line.passOn();
            stopsQuickly(capture, cutOff);

            line.stall();
            PostgresSource connecting = capture.source();
            connecting.start();
            Awaitility.await().atMost(Capture.PATIENCE).until(() -> line.lines() == 0);
            stopsWithin(connecting, Duration.ofSeconds(5));
            line.passOn();
            stopsQuickly(capture, connecting);
        }
    }

    private static void stopsQuickly(Capture capture, PostgresSource source) {
        stopsWithin(source, Duration.ofSeconds(5));
        Awaitility.await().atMost(Capture.PATIENCE).untilAsserted(() -> assertThat(
                        capture.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND pid <> pg_backend_pid()"))
                .isEqualTo("0"));
    }

    private static void stopsWithin(PostgresSource source, Duration limit) {
        long begin = System.nanoTime();
        source.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit);
        assertThat(source.status().state()).isEqualTo(StageState.STOPPED);
    }

    private static String through(Capture capture, TcpProxy line) {
        return "postgresql://" + capture.database.user() + ":" + capture.database.password() + "@" + line.host() + ":"
                + line.port() + "/" + capture.database.name();
    }

    private static void awaitMore(CounterLoad load) {
        long before = load.transactions();
        Awaitility.await().atMost(Capture.PATIENCE).until(() -> load.transactions() > before + 200);
    }

    private static void awaitState(PostgresSource source, StageState state) {
        Awaitility.await()
                .atMost(Capture.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    Capture.refuseHalt(source);
                    return source.status().state() == state;
                });
    }

    private static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }
}
