package io.sluice.localstack.testing;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.localstack.postgres.LocalTimescale;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server for tests, and a fresh database for each test class.
 *
 * <pre>
 * Database target = PostgresServer.shared().freshDatabase("ledger");
 * </pre>
 */
public final class PostgresServer implements AutoCloseable {

    static final String VARIABLE = "SLUICE_TEST_POSTGRES";
    static final String TIMESCALE_VARIABLE = "SLUICE_TEST_TIMESCALEDB";

    private final Database admin;
    private final boolean timescale;
    private final AutoCloseable server;
    private final List<String> made = new ArrayList<>();

    private PostgresServer(Database admin, boolean timescale, AutoCloseable server) {
        this.admin = admin;
        this.timescale = timescale;
        this.server = server;
    }

    /** The one of this JVM. */
    public static PostgresServer shared() {
        return Shared.POSTGRES;
    }

    /** The one of this JVM whose fresh databases have the TimescaleDB extension. Ask {@link #whyNoTimescale()} first. */
    public static PostgresServer sharedTimescale() {
        return SharedTimescale.TIMESCALE;
    }

    /** Why there is no TimescaleDB for tests here and what to do about it; empty if there is one. */
    public static Optional<String> whyNoTimescale() {
        boolean there = Environment.variable(TIMESCALE_VARIABLE).isPresent()
                || Containers.available(Containers.Image.TIMESCALEDB)
                || LocalTimescale.isInstalled();
        return there ? Optional.empty() : Optional.of(LocalTimescale.howToInstall());
    }

    /** A server of the caller's own, with settings of its own. Always a local one: the shared one may be somebody else's. */
    public static PostgresServer start(Map<String, String> settings) {
        return of(LocalPostgres.startTemporary(settings), false);
    }

    /** A server of the caller's own, of another version than the shared one. */
    public static PostgresServer start(PostgresVersion version, Map<String, String> settings) {
        return of(LocalPostgres.startTemporary(version.jar(), settings), false);
    }

    private static PostgresServer open() {
        return Environment.variable(VARIABLE)
                .map(address -> new PostgresServer(Database.parse(VARIABLE, address), false, () -> {}))
                .or(() -> Containers.start(Containers.Image.POSTGRES).map(container -> of(VARIABLE, container, false)))
                .orElseGet(() -> of(LocalPostgres.startTemporary(), false));
    }

    private static PostgresServer openTimescale() {
        return Environment.variable(TIMESCALE_VARIABLE)
                .map(address -> new PostgresServer(Database.parse(TIMESCALE_VARIABLE, address), true, () -> {}))
                .or(() -> Containers.start(Containers.Image.TIMESCALEDB)
                        .map(container -> of(TIMESCALE_VARIABLE, container, true)))
                .orElseGet(() -> of(LocalTimescale.startTemporary(), true));
    }

    private static PostgresServer of(String variable, Containers.Running container, boolean timescale) {
        return new PostgresServer(Database.parse(variable, container.address()), timescale, container);
    }

    private static PostgresServer of(LocalPostgres local, boolean timescale) {
        Database admin = new Database(local.host(), local.port(), local.user(), local.password(), "postgres", "");
        return new PostgresServer(admin, timescale, local);
    }

    /** The database the server came with. */
    public Database admin() {
        return admin;
    }

    /** An empty database nobody else uses. {@code name} is only the beginning of its name. */
    public synchronized Database freshDatabase(String name) {
        Database database = admin.named(UniqueName.from(name, '_'));
        execute(admin, "CREATE DATABASE \"" + database.name() + "\"");
        made.add(database.name());
        if (timescale) {
            execute(database, "CREATE EXTENSION IF NOT EXISTS timescaledb");
        }
        return database;
    }

    @Override
    public synchronized void close() throws Exception {
        try (server) {
            if (!(server instanceof LocalPostgres)) {
                made.forEach(name -> execute(admin, "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)"));
            }
            made.clear();
        }
    }

    private static void execute(Database database, String sql) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new LocalServerException("Test database " + database + ": " + e.getMessage(), e);
        }
    }

    /** Opened when first asked for, closed with the JVM: the only state that outlives a test. */
    private static final class Shared {
        static final PostgresServer POSTGRES = Environment.closedAtExit(open());
    }

    private static final class SharedTimescale {
        static final PostgresServer TIMESCALE = Environment.closedAtExit(openTimescale());
    }
}
