package io.sluice.localstack.process;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A folder for one run that disappears with it, also after {@code kill -9}. */
public final class TemporaryFolder implements AutoCloseable {

    private static final String MARK = ".sluice-temporary";

    private final Path path;
    private final Process guard;

    private TemporaryFolder(Path path, Process guard) {
        this.path = path;
        this.guard = guard;
    }

    /** Creates a folder below the system's folder for temporary files. */
    public static TemporaryFolder create(String name) {
        try {
            Path path = Files.createTempDirectory("sluice-" + name + "-").toRealPath();
            Files.createFile(path.resolve(MARK));
            Process guard = new ProcessBuilder(
                            GuardScript.FOLDER.command("sluice-guard-" + name, List.of(path.toString(), MARK)))
                    .directory(path.getRoot().toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new TemporaryFolder(path, guard);
        } catch (IOException e) {
            throw new LocalServerException("Can't create a temporary folder: " + e.getMessage(), e);
        }
    }

    public Path path() {
        return path;
    }

    /** After a sudden end, the folder stays until this process has had its time to stop. */
    public synchronized void keepUntilEndOf(GuardedProcess process) {
        try {
            var pipe = guard.getOutputStream();
            pipe.write((process.guardPid() + "\n").getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
        } catch (IOException e) {
            throw new LocalServerException("The guard of " + path + " has gone; start again", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            removeNow();
            guard.getOutputStream().close();
            guard.waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            // Then the guard removes what is left; it sees the end of its pipe at the latest when this JVM ends.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeNow() throws IOException {
        Path mark = path.resolve(MARK);
        if (!Files.exists(mark)) {
            return;
        }
        try (var entries = Files.list(path)) {
            for (Path entry : entries.toList()) {
                // The mark goes last: until then the guard may still have to finish the work.
                if (!entry.equals(mark)) {
                    Trees.delete(entry);
                }
            }
        }
        Files.delete(mark);
        Files.delete(path);
    }
}
