package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.CacheFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * PostgreSQL with TimescaleDB, where {@code scripts/install-timescaledb.sh} has put it.
 *
 * <p>It is Debian's build, which is the Apache edition: hypertables, upserts, {@code time_bucket} and {@code drop_chunks}
 * work; compression, continuous aggregates and retention policies need the other edition.
 */
public final class LocalTimescale {

    private static final Map<String, String> SETTINGS = Map.of(
            "shared_preload_libraries", "timescaledb",
            "timescaledb.telemetry_level", "off",
            // Each database with the extension takes a worker, beside those of the server itself.
            "max_worker_processes", "32",
            "jit", "off");

    private static final int VERSION = 17;

    private LocalTimescale() {}

    /** Where it is looked for: {@code SLUICE_TIMESCALEDB_ROOT}, or {@code timescaledb} in the user's cache folder. */
    public static Path root(Map<String, String> environment) {
        String given = environment.getOrDefault("SLUICE_TIMESCALEDB_ROOT", "");
        return given.isBlank() ? CacheFolder.ofUser(environment).resolve("timescaledb") : Path.of(given);
    }

    public static boolean isInstalled() {
        return Files.exists(root(System.getenv()).resolve("complete"));
    }

    /** What to do when it is not. */
    public static String howToInstall() {
        return "TimescaleDB is not in " + root(System.getenv())
                + ". Run scripts/install-timescaledb.sh (Debian), or name a server with SLUICE_TEST_TIMESCALEDB";
    }

    /** Starts a server whose databases live in {@code dataDir}. A database gets the extension by CREATE EXTENSION. */
    public static LocalPostgres start(Path dataDir) {
        return LocalPostgres.start(dataDir, Map.of(), LocalTimescale::distribution, null);
    }

    /** Starts an empty server that leaves nothing behind. */
    public static LocalPostgres startTemporary() {
        return LocalPostgres.startTemporary(Map.of(), LocalTimescale::distribution);
    }

    private static Distribution distribution(Account account) {
        if (!isInstalled()) {
            throw new LocalServerException(howToInstall());
        }
        Path bin = root(System.getenv()).toAbsolutePath().resolve("bin-sluice");
        return Distribution.of("PostgreSQL with TimescaleDB", VERSION, bin, SETTINGS);
    }

    /** Starts a server, in the folder given as argument or in a temporary one, prints its address and stays until Ctrl-C. */
    public static void main(String[] arguments) throws InterruptedException {
        LocalPostgres postgres = arguments.length > 0 ? start(Path.of(arguments[0])) : startTemporary();
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "postgres-shutdown"));
        System.out.println(postgres.url("postgres"));
        new CountDownLatch(1).await();
    }
}
