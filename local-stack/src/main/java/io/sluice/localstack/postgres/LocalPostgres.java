package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.FolderLock;
import io.sluice.localstack.process.TemporaryFolder;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server of this process, ready for logical decoding.
 *
 * <p>Its superuser is {@code postgres}; the password is random, kept in the data folder, and part of {@link #url(String)} and
 * {@link #jdbcUrl(String)}.
 */
public final class LocalPostgres implements AutoCloseable {

    static final String USER = "postgres";
    /** Of the programs on the class path. */
    private static final int VERSION = 17;

    private static final Pattern JAR = Pattern.compile("-(\\d+)\\.[\\d.]+\\.jar$");

    private final FolderLock lock;
    private final Cluster.Running running;
    private final @Nullable TemporaryFolder temporary;

    private LocalPostgres(FolderLock lock, Cluster.Running running, @Nullable TemporaryFolder temporary) {
        this.lock = lock;
        this.running = running;
        this.temporary = temporary;
    }

    /** Starts a server whose databases live in {@code dataDir} and survive a restart, wanted or not. */
    public static LocalPostgres start(Path dataDir) {
        return start(dataDir, Map.of());
    }

    /** As {@link #start(Path)}, with server settings that override ours. */
    public static LocalPostgres start(Path dataDir, Map<String, String> settings) {
        return start(dataDir, settings, LocalPostgres::bundled, null);
    }

    /** Starts an empty server that leaves nothing behind. */
    public static LocalPostgres startTemporary() {
        return startTemporary(Map.of());
    }

    /** As {@link #startTemporary()}, with server settings that override ours. */
    public static LocalPostgres startTemporary(Map<String, String> settings) {
        return startTemporary(settings, LocalPostgres::bundled);
    }

    /**
     * As {@link #startTemporary(Map)}, of another version.
     *
     * @param jar with the programs, as published: its name ends with the version
     */
    public static LocalPostgres startTemporary(Path jar, Map<String, String> settings) {
        Matcher named = JAR.matcher(jar.getFileName().toString());
        if (!named.find()) {
            throw new IllegalArgumentException(jar + " does not end with a version");
        }
        int version = Integer.parseInt(named.group(1));
        return startTemporary(settings, account -> {
            Path home = Binaries.unpackedBelow(account.cache(System.getenv()), jar);
            return Distribution.of("PostgreSQL " + version, version, home.resolve("bin"), Map.of());
        });
    }

    /** Finds the programs, for the account that is going to run them. */
    interface Source {
        Distribution distribution(Account account);
    }

    static LocalPostgres startTemporary(Map<String, String> settings, Source source) {
        TemporaryFolder folder = TemporaryFolder.create("postgres");
        return start(folder.path(), settings, source, folder);
    }

    static LocalPostgres start(
            Path dataDir, Map<String, String> settings, Source source, @Nullable TemporaryFolder temporary) {
        FolderLock lock = FolderLock.acquire(dataDir, "PostgreSQL");
        boolean started = false;
        try {
            Path folder = dataDir.toRealPath();
            Account account = Account.forDataIn(folder);
            Cluster cluster = new Cluster(folder, source.distribution(account), account);
            Cluster.Running running = cluster.start(settings, temporary != null);
            if (temporary != null) {
                temporary.keepUntilEndOf(running.process());
            }
            started = true;
            return new LocalPostgres(lock, running, temporary);
        } catch (IOException e) {
            throw new LocalServerException("PostgreSQL does not start in " + dataDir + ": " + e, e);
        } finally {
            if (!started) {
                lock.close();
                if (temporary != null) {
                    temporary.close();
                }
            }
        }
    }

    private static Distribution bundled(Account account) {
        Path home = Binaries.unpackedBelow(account.cache(System.getenv()));
        return Distribution.of("PostgreSQL", VERSION, home.resolve("bin"), Map.of());
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return running.port();
    }

    public String user() {
        return USER;
    }

    public String password() {
        return running.password();
    }

    /** The address of a database as psql takes it. It holds the password: not for logs. */
    public String url(String database) {
        return "postgresql://" + USER + ":" + password() + "@" + host() + ":" + port() + "/" + encoded(database);
    }

    /** The address of a database as JDBC takes it. It holds the password: not for logs. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host() + ":" + port() + "/" + encoded(database) + "?user=" + USER + "&password="
                + password();
    }

    /** Creates an empty database and answers its {@link #url(String)}. */
    public String createDatabase(String name) {
        execute("CREATE DATABASE " + quoted(name), "create database " + name);
        return url(name);
    }

    /** Drops a database if there is one, whoever is connected to it. */
    public void dropDatabase(String name) {
        execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)", "drop database " + name);
    }

    /** Keeps a temporary folder that this server works in until the server has ended, also after a sudden end of the JVM. */
    public void holds(TemporaryFolder folder) {
        folder.keepUntilEndOf(running.process());
    }

    /** Completes when the server process has ended, wanted or not. */
    public CompletableFuture<Integer> onExit() {
        return running.process().onExit();
    }

    /** The process id of the postmaster. */
    public long pid() {
        return running.process().pid();
    }

    @Override
    public synchronized void close() {
        try {
            running.process().close();
        } finally {
            lock.close();
            if (temporary != null) {
                temporary.close();
            }
        }
    }

    private void execute(String sql, String what) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl("postgres"));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new LocalServerException("Can't " + what + " on port " + port() + ": " + e.getMessage(), e);
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String encoded(String database) {
        return URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Starts a server, in the folder given as argument or in a temporary one, prints its address and stays until Ctrl-C. */
    public static void main(String[] arguments) throws InterruptedException {
        LocalPostgres postgres = arguments.length > 0 ? start(Path.of(arguments[0])) : startTemporary();
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "postgres-shutdown"));
        System.out.println(postgres.url("postgres"));
        new CountDownLatch(1).await();
    }
}
