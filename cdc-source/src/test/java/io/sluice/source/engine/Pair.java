package io.sluice.source.engine;

import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.TcpProxy;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A primary, its physical standby, and one address that leads to whichever is in charge. */
final class Pair implements AutoCloseable {

    private static final String SLOT = "standby_slot";
    private static final String DATABASE = "shop";

    private final Path folder;
    private final boolean keepsSlots;
    private final TcpProxy line;
    private final LocalPostgres primary;
    private LocalPostgres standby;

    private Pair(Path folder, boolean keepsSlots, TcpProxy line, LocalPostgres primary) {
        this.folder = folder;
        this.keepsSlots = keepsSlots;
        this.line = line;
        this.primary = primary;
    }

    /** @param keepsSlots whether the standby keeps what it needs to serve logical slots after a failover */
    static Pair start(Path folder, boolean keepsSlots) throws Exception {
        Path first = folder.resolve("primary");
        try (LocalPostgres template = LocalPostgres.start(first)) {
            template.createDatabase(DATABASE);
            execute(template.jdbcUrl("postgres"), "SELECT pg_create_physical_replication_slot('" + SLOT + "')");
        }
        copy(first, folder.resolve("standby"));
        LocalPostgres primary =
                LocalPostgres.start(first, keepsSlots ? Map.of("synchronized_standby_slots", SLOT) : Map.of());
        Pair pair = new Pair(folder, keepsSlots, TcpProxy.to(primary.host(), primary.port()), primary);
        pair.startStandby();
        return pair;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                Path copy = Files.createDirectories(to.resolve(from.relativize(each)));
                Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(each));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) throws IOException {
                // Its port is the primary's.
                if (!each.equals(from.resolve("port"))) {
                    Files.copy(each, to.resolve(from.relativize(each)));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        Files.createFile(to.resolve("data").resolve("standby.signal"));
    }

    void startStandby() {
        Map<String, String> settings = new HashMap<>();
        settings.put(
                "primary_conninfo",
                "host=127.0.0.1 port=" + primary.port() + " user=postgres password=" + primary.password()
                        + " dbname=postgres");
        settings.put("primary_slot_name", SLOT);
        settings.put("hot_standby_feedback", "on");
        settings.put("wal_receiver_status_interval", "1");
        settings.put("sync_replication_slots", keepsSlots ? "on" : "off");
        standby = LocalPostgres.start(folder.resolve("standby"), settings);
    }

    void stopStandby() {
        standby.close();
    }

    /** The database, at the one address. */
    Database database() {
        return new Database(line.host(), line.port(), primary.user(), primary.password(), DATABASE, "");
    }

    /** Waits until the standby could serve that slot from where it is now. */
    void awaitSlotKept(String slot) {
        Awaitility.await().atMost(Capture.PATIENCE).until(() -> "t"
                .equals(query(
                        standby,
                        "SELECT synced AND NOT temporary AND invalidation_reason IS NULL FROM pg_replication_slots"
                                + " WHERE slot_name = '" + slot + "'")));
    }

    /** Waits until the standby has everything that was written so far. */
    void awaitCopied() throws SQLException {
        String end = query(primary, "SELECT pg_current_wal_lsn()");
        Awaitility.await().atMost(Capture.PATIENCE).until(() -> "t"
                .equals(query(standby, "SELECT pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn")));
    }

    /** The primary dies, and the standby takes its place at the address. */
    void failOver() throws Exception {
        endPrimary();
        promote();
    }

    /** The primary dies while the standby is down; so what it wrote last is nowhere else. */
    void failOverToWhatTheStandbyHad() throws Exception {
        endPrimary();
        startStandby();
        promote();
    }

    private void endPrimary() throws Exception {
        new ProcessBuilder("kill", "-QUIT", Long.toString(primary.pid()))
                .start()
                .waitFor();
        primary.onExit().get(30, TimeUnit.SECONDS);
    }

    private void promote() throws SQLException {
        query(standby, "SELECT pg_promote()");
        line.retarget(standby.host(), standby.port());
        line.reset();
    }

    private static String query(LocalPostgres server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"));
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : null;
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        line.close();
        standby.close();
        primary.close();
    }
}
