package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.GuardedProcess;
import io.sluice.localstack.process.LoopbackPort;
import io.sluice.localstack.process.TemporaryFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PgBouncer in transaction mode before a PostgreSQL server, where {@code scripts/install-timescaledb.sh} has put it.
 *
 * <p>It knows nothing of prepared statements, as those before 1.21 do and many are set up: whoever relies on a session notices.
 */
public final class LocalPgBouncer implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final GuardedProcess process;
    private final TemporaryFolder folder;
    private final int port;

    private LocalPgBouncer(GuardedProcess process, TemporaryFolder folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    private static Path program() {
        return LocalTimescale.root(System.getenv()).toAbsolutePath().resolve("bin-sluice/pgbouncer");
    }

    /** Why there is none here and what to do about it; empty if there is one. */
    public static Optional<String> whyNot() {
        return Files.isExecutable(program())
                ? Optional.empty()
                : Optional.of("PgBouncer is not at " + program() + ". Run scripts/install-timescaledb.sh (Debian)");
    }

    /** Leaves nothing behind. The one user that it knows is this one. */
    public static LocalPgBouncer startTemporary(
            String host, int serverPort, String user, String password, int sessions) {
        whyNot().ifPresent(reason -> {
            throw new LocalServerException(reason);
        });
        TemporaryFolder folder = TemporaryFolder.create("pgbouncer");
        boolean started = false;
        try {
            Path home = folder.path().toRealPath();
            int port = new LoopbackPort(home.resolve("port")).free();
            Files.writeString(home.resolve("users"), quoted(user) + " " + quoted(password) + "\n");
            Files.writeString(home.resolve("pgbouncer.ini"), settings(host, serverPort, port, sessions, home));
            Account account = Account.forDataIn(home);
            account.take(home);
            GuardedProcess process = GuardedProcess.start(new GuardedProcess.Spec(
                    "sluice-guard-pgbouncer",
                    account.with(List.of(
                            program().toString(), home.resolve("pgbouncer.ini").toString())),
                    home,
                    Map.of("LC_ALL", "C", "TZ", "UTC"),
                    home.resolve("log"),
                    "INT",
                    STOP_LIMIT));
            folder.keepUntilEndOf(process);
            awaitPort(process, port, home.resolve("log"));
            started = true;
            return new LocalPgBouncer(process, folder, port);
        } catch (IOException e) {
            throw new LocalServerException("PgBouncer does not start: " + e, e);
        } finally {
            if (!started) {
                folder.close();
            }
        }
    }

    private static String settings(String host, int serverPort, int port, int sessions, Path home) {
        return """
                [databases]
                * = host=%s port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = transaction
                default_pool_size = %d
                max_prepared_statements = 0
                ignore_startup_parameters = extra_float_digits
                """
                .formatted(host, serverPort, port, home.resolve("users"), sessions);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static void awaitPort(GuardedProcess process, int port, Path log) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                return;
            } catch (IOException e) {
                sleep();
            }
        }
        process.close();
        throw new LocalServerException("PgBouncer does not start: " + Files.readString(log));
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
        folder.close();
    }
}
