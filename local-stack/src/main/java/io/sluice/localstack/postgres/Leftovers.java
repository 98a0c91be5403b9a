package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Server processes that outlived their owner: a guard that was killed too, or backends of a postmaster that was.
 *
 * <p>Whoever calls this holds the lock of the data folder, so whatever still runs in it has lost its owner. Two postmasters
 * on one data folder would destroy it.
 */
final class Leftovers {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path data;

    Leftovers(Path data) {
        this.data = data;
    }

    void end() {
        List<ProcessHandle> servers = running();
        servers.forEach(ProcessHandle::destroy);
        // To a postmaster TERM means "when all clients have gone"; backends without their postmaster just go.
        servers.forEach(server -> awaitEnd(server, Duration.ofSeconds(2)));
        servers.forEach(ProcessHandle::destroyForcibly);
        servers.forEach(server -> awaitEnd(server, PATIENCE));
        List<ProcessHandle> rest = running();
        if (!rest.isEmpty()) {
            throw new LocalServerException("PostgreSQL process " + rest.get(0).pid() + " still runs in " + data
                    + " and does not end. End it, then start again");
        }
        forgetForeignPid();
    }

    /**
     * PostgreSQL takes a process that happens to have the dead postmaster's id for the postmaster itself. With nothing of ours
     * running, a living process of that id is a stranger.
     */
    private void forgetForeignPid() {
        Path file = data.resolve("postmaster.pid");
        try {
            if (!Files.exists(file)) {
                return;
            }
            List<String> lines = Files.readAllLines(file);
            long pid = lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
            if (pid <= 0 || ProcessHandle.of(pid).isPresent()) {
                Files.delete(file);
            }
        } catch (IOException | NumberFormatException e) {
            throw new LocalServerException(
                    "Can't read " + file + ": " + e + ". If no server runs in this folder, delete it", e);
        }
    }

    private List<ProcessHandle> running() {
        return ProcessHandle.allProcesses().filter(this::worksInData).toList();
    }

    /** A server process works in its data folder. So may somebody's shell or editor, which must not be touched. */
    private boolean worksInData(ProcessHandle process) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try {
            if (Files.isDirectory(proc)) {
                return Files.readSymbolicLink(proc.resolve("cwd")).equals(data) && isServer(proc);
            }
        } catch (IOException e) {
            // Gone meanwhile, or not ours to look at and therefore not ours.
            return false;
        }
        return process.info()
                .commandLine()
                .filter(line -> line.contains("postgres") && line.contains("-D " + data))
                .isPresent();
    }

    private static boolean isServer(Path proc) throws IOException {
        String program =
                Files.readSymbolicLink(proc.resolve("exe")).getFileName().toString();
        // A server from a system other than this machine's runs under that system's loader.
        return program.startsWith("postgres") || program.startsWith("ld-");
    }

    private static void awaitEnd(ProcessHandle process, Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // What to do about it is decided by looking again.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
