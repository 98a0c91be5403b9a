package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.GuardedProcess;
import io.sluice.localstack.process.LoopbackPort;
import io.sluice.localstack.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One data folder: made by {@code initdb} when it is new, and what it takes to run a server on it. */
final class Cluster {

    private static final Duration INIT_LIMIT = Duration.ofMinutes(3);
    /** A server that replays much write-ahead log after a crash starts slowly, and ending it then would only cost more. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    /** Stopping fast still writes a checkpoint. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private static final int PORT_ATTEMPTS = 5;
    private static final long LOG_LIMIT_BYTES = 16L << 20;

    private final Path folder;
    private final Path data;
    private final Path log;
    private final Distribution distribution;
    private final Account account;

    Cluster(Path folder, Distribution distribution, Account account) {
        this.folder = folder;
        this.data = folder.resolve("data");
        this.log = folder.resolve("server.log");
        this.distribution = distribution;
        this.account = account;
    }

    /** What a running server is known by. */
    record Running(GuardedProcess process, int port, String password) {}

    Running start(Map<String, String> overrides, boolean temporary) throws IOException {
        keepLogSmall();
        String password = password();
        if (Files.exists(data)) {
            new Leftovers(data).end();
            account.take(folder);
        } else {
            initialise(temporary);
        }
        LoopbackPort ports = new LoopbackPort(folder.resolve("port"));
        int port = ports.free();
        for (int attempt = 1; ; attempt++) {
            long logStart = Files.exists(log) ? Files.size(log) : 0;
            GuardedProcess process = launch(port, overrides);
            if (becomesReady(process)) {
                ports.remember(port);
                return new Running(process, port, password);
            }
            process.close();
            String reason = ServerLog.reason(log, logStart);
            if (attempt == PORT_ATTEMPTS || !reason.contains("could not bind")) {
                throw new LocalServerException(
                        distribution.name() + " does not start in " + folder + ": " + reason + ". See " + log);
            }
            port = ports.other();
        }
    }

    /** Makes the data folder under another name first, so that one half made is never taken for whole. */
    private void initialise(boolean temporary) throws IOException {
        Path building = folder.resolve("data.building");
        Trees.delete(building);
        Files.createDirectory(building);
        account.take(folder);
        List<String> command = new ArrayList<>(List.of(
                distribution.bin().resolve("initdb").toString(),
                "-D",
                building.toString(),
                "--username=" + LocalPostgres.USER,
                "--auth=scram-sha-256",
                "--pwfile=" + folder.resolve("password"),
                "--encoding=UTF8"));
        command.addAll(distribution.initdb());
        if (temporary) {
            command.add("--no-sync");
        }
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        try (GuardedProcess initdb = GuardedProcess.start(spec("initdb", command, "TERM"))) {
            if (initdb.await(INIT_LIMIT) != 0) {
                throw new LocalServerException("Can't create a data folder for " + distribution.name() + " in " + folder
                        + ": " + ServerLog.reason(log, logStart) + ". See " + log);
            }
        }
        Files.move(building, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private GuardedProcess launch(int port, Map<String, String> overrides) {
        List<String> command =
                new ArrayList<>(List.of(distribution.bin().resolve("postgres").toString(), "-D", data.toString()));
        Map<String, String> settings = new LinkedHashMap<>(ServerSettings.usual(port));
        settings.putAll(distribution.settings());
        settings.putAll(overrides);
        settings.forEach((name, value) -> {
            command.add("-c");
            command.add(name + "=" + value);
        });
        return GuardedProcess.start(spec("postgres", command, "INT"));
    }

    private GuardedProcess.Spec spec(String name, List<String> command, String stopSignal) {
        return new GuardedProcess.Spec(
                "sluice-guard-" + name,
                account.with(command),
                folder,
                Map.of("LC_ALL", "C", "TZ", "UTC"),
                log,
                stopSignal,
                STOP_LIMIT);
    }

    /** The postmaster itself writes down when it takes connections. */
    private boolean becomesReady(GuardedProcess process) {
        Path pidFile = data.resolve("postmaster.pid");
        String pid = Long.toString(process.pid());
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        try {
            while (process.isAlive() && System.nanoTime() < deadline) {
                if (saysReady(pidFile, pid)) {
                    return true;
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static boolean saysReady(Path pidFile, String pid) {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.size() >= 8
                    && lines.get(0).strip().equals(pid)
                    && lines.get(7).strip().equals("ready");
        } catch (IOException e) {
            return false;
        }
    }

    private String password() throws IOException {
        Path file = folder.resolve("password");
        if (!Files.exists(file)) {
            byte[] random = new byte[16];
            new SecureRandom().nextBytes(random);
            Path fresh = folder.resolve("password.new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, HexFormat.of().formatHex(random) + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    private void keepLogSmall() throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
            Files.move(log, folder.resolve("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
