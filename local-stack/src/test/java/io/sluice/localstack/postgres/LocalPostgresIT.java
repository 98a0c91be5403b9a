package io.sluice.localstack.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.ChildJvm;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** For the tests that only look. */
    private static LocalPostgres shared;

    @BeforeAll
    static void startShared() {
        shared = LocalPostgres.startTemporary(Map.of("max_wal_senders", "7"));
    }

    @AfterAll
    static void stopShared() {
        shared.close();
    }

    @Test
    void aRestartKeepsTheDataTheAddressAndThePassword(@TempDir Path folder) throws SQLException {
        String url;
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            url = postgres.createDatabase("Shop \"1\"");
            run(postgres.jdbcUrl("Shop \"1\""), "CREATE TABLE t (id int)");
            run(postgres.jdbcUrl("Shop \"1\""), "INSERT INTO t VALUES (1), (2)");
        }
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(postgres.url("Shop \"1\"")).isEqualTo(url);
            assertThat(ask(postgres.jdbcUrl("Shop \"1\""), "SELECT count(*) FROM t"))
                    .isEqualTo("2");
        }
    }

    @Test
    void isReadyForLogicalDecodingAndKeepsWhatItHasCommitted() throws SQLException {
        String url = shared.jdbcUrl("postgres");
        assertThat(ask(url, "SELECT split_part(version(), ' ', 2)")).startsWith("17.");
        assertThat(ask(url, "SHOW wal_level")).isEqualTo("logical");
        assertThat(ask(url, "SHOW fsync")).isEqualTo("on");
        assertThat(ask(url, "SHOW synchronous_commit")).isEqualTo("on");
        assertThat(ask(url, "SHOW max_replication_slots")).isEqualTo("20");
        assertThat(ask(url, "SHOW max_wal_senders")).as("settings given win").isEqualTo("7");
        assertThat(ask(url, "SHOW server_encoding")).isEqualTo("UTF8");

        run(url, "CREATE TABLE t (id int primary key)");
        run(url, "CREATE PUBLICATION p FOR TABLE t");
        run(url, "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        run(url, "INSERT INTO t VALUES (1)");
        assertThat(ask(
                        url,
                        "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL,"
                                + " 'proto_version', '1', 'publication_names', 'p')"))
                .isNotEqualTo("0");
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .toList();
        for (InetAddress address : others) {
            try (Socket socket = new Socket()) {
                assertThatThrownBy(() -> socket.connect(new InetSocketAddress(address, shared.port()), 2000))
                        .isInstanceOf(ConnectException.class);
            }
        }
        assertThat(ask(shared.jdbcUrl("postgres"), "SHOW unix_socket_directories"))
                .isEmpty();
    }

    @Test
    void aWrongPasswordIsRefusedEvenOnLoopback() {
        String wrong = shared.jdbcUrl("postgres").replace(shared.password(), "wrong");
        assertThatThrownBy(() -> ask(wrong, "SELECT 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void aTemporaryServerLeavesNothingBehindAndMayBeClosedTwice() throws Exception {
        LocalPostgres postgres = LocalPostgres.startTemporary();
        Path folder = Path.of(ask(postgres.jdbcUrl("postgres"), "SHOW data_directory"))
                .getParent();
        assertThat(folder).isDirectory();
        postgres.close();
        postgres.close();
        assertThat(folder).doesNotExist();
        assertThat(ProcessHandle.of(postgres.pid())).isEmpty();
    }

    @Test
    void twoServersRunSideBySide() throws SQLException {
        try (LocalPostgres one = LocalPostgres.startTemporary();
                LocalPostgres other = LocalPostgres.startTemporary()) {
            assertThat(one.port()).isNotEqualTo(other.port());
            assertThat(systemIdentifier(one)).isNotEqualTo(systemIdentifier(other));
        }
    }

    @Test
    void aSecondServerOnTheSameFolderIsRefusedWithTheWayOut(@TempDir Path folder) {
        try (LocalPostgres first = LocalPostgres.start(folder)) {
            assertThat(first.port()).isPositive();
            assertThatThrownBy(() -> LocalPostgres.start(folder))
                    .isInstanceOf(LocalServerException.class)
                    .hasMessageContaining("choose another data folder");
        }
    }

    @Test
    void startsAgainAfterThePostmasterWasKilledAndHasKeptEveryCommit(@TempDir Path folder) throws Exception {
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            run(postgres.jdbcUrl("postgres"), "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
            ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();
            assertThat(postgres.onExit().get()).isNotZero();
        }
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(ask(postgres.jdbcUrl("postgres"), "SELECT count(*) FROM t"))
                    .isEqualTo("1000");
        }
    }

    @Test
    void startsThoughTheDeadPostmastersIdBelongsToSomebodyElseNow(@TempDir Path folder) throws Exception {
        Path pidFile = folder.resolve("data").resolve("postmaster.pid");
        List<String> lines;
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(postgres.port()).isPositive();
            lines = new java.util.ArrayList<>(Files.readAllLines(pidFile));
        }
        lines.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(pidFile, lines);
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(ask(postgres.jdbcUrl("postgres"), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void takesAnotherPortWhenItsOwnIsTaken(@TempDir Path folder) throws Exception {
        int port;
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            port = postgres.port();
        }
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(postgres.port()).isNotEqualTo(taken.getLocalPort());
            assertThat(ask(postgres.jdbcUrl("postgres"), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSettingTheServerDoesNotKnowIsReportedInItsOwnWords(@TempDir Path folder) {
        assertThatThrownBy(() -> LocalPostgres.start(folder, Map.of("no_such_setting", "1")))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"")
                .hasMessageContaining("server.log");
        LocalPostgres.start(folder).close();
    }

    @Test
    void theServersLogHoldsNoStatementsAndNoValues(@TempDir Path folder) throws Exception {
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            String url = postgres.jdbcUrl("postgres");
            run(url, "CREATE TABLE t (email text PRIMARY KEY)");
            run(url, "INSERT INTO t VALUES ('someone@example.org')");
            assertThatThrownBy(() -> run(url, "INSERT INTO t VALUES ('someone@example.org')"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(Files.readString(folder.resolve("server.log")))
                .contains("duplicate key")
                .doesNotContain("someone@example.org");
    }

    @Test
    void endsWithItsParentThoughThatIsKilledAndTakesItsTemporaryFolderAlong() throws Exception {
        try (ChildJvm child = ChildJvm.run(LocalPostgres.class)) {
            String url = jdbc(child.line());
            Path folder = Path.of(ask(url, "SHOW data_directory")).getParent();
            long postmaster = postmaster(folder);
            assertThat(ProcessHandle.of(postmaster)).isPresent();
            try (Connection idle = DriverManager.getConnection(url)) {
                assertThat(idle.isValid(5)).isTrue();
                child.kill();
                await().atMost(LIMIT).until(() -> ProcessHandle.of(postmaster).isEmpty());
            }
            await().atMost(LIMIT).until(() -> Files.notExists(folder));
        }
    }

    @Test
    void goesOnWithItsDataAfterItsParentWasKilled(@TempDir Path folder) throws Exception {
        try (ChildJvm child = ChildJvm.run(LocalPostgres.class, folder.toString())) {
            run(jdbc(child.line()), "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
            child.kill();
        }
        // At once: the guard may still be ending the old server.
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(ask(postgres.jdbcUrl("postgres"), "SELECT count(*) FROM t"))
                    .isEqualTo("1000");
        }
    }

    @Test
    void takesOverFromAServerWhoseGuardWasKilledTogetherWithItsParent(@TempDir Path folder) throws Exception {
        long orphan;
        try (ChildJvm child = ChildJvm.run(LocalPostgres.class, folder.toString())) {
            run(jdbc(child.line()), "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
            orphan = postmaster(folder);
            parentsOf(orphan).forEach(ProcessHandle::destroyForcibly);
            child.kill();
        }
        assertThat(ProcessHandle.of(orphan)).as("nobody is left to end it").isPresent();
        try (LocalPostgres postgres = LocalPostgres.start(folder)) {
            assertThat(ask(postgres.jdbcUrl("postgres"), "SELECT count(*) FROM t"))
                    .isEqualTo("1000");
            assertThat(ProcessHandle.of(orphan)).isEmpty();
        }
    }

    /** The guard and the guard's reader: everything between the server and the JVM. */
    private static Stream<ProcessHandle> parentsOf(long pid) {
        ProcessHandle guard =
                ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow();
        return Stream.concat(Stream.of(guard), guard.children().filter(child -> child.pid() != pid)).toList().stream();
    }

    private static long postmaster(Path folder) throws Exception {
        return Long.parseLong(Files.readAllLines(folder.resolve("data").resolve("postmaster.pid"))
                .get(0));
    }

    private static String systemIdentifier(LocalPostgres postgres) throws SQLException {
        return ask(postgres.jdbcUrl("postgres"), "SELECT system_identifier FROM pg_control_system()");
    }

    /** A child prints the address as psql takes it. */
    private static String jdbc(String url) {
        var parts = java.util.regex.Pattern.compile("postgresql://(.*):(.*)@(.*)/(.*)")
                .matcher(url);
        assertThat(parts.matches()).isTrue();
        return "jdbc:postgresql://" + parts.group(3) + "/" + parts.group(4) + "?user=" + parts.group(1) + "&password="
                + parts.group(2);
    }

    private static void run(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.createStatement().execute(sql);
        }
    }

    private static String ask(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
