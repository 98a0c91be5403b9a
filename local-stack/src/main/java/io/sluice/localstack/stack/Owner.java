package io.sluice.localstack.stack;

import io.sluice.localstack.process.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Which process owns a stack. Process ids are reused and survive no reboot, so its start and a random part belong to it.
 *
 * @param startMillis when the process started, or 0 where the system doesn't tell
 */
record Owner(long pid, long startMillis, String random) {

    private static final String FILE = "owner";

    static Owner thisProcess() {
        ProcessHandle self = ProcessHandle.current();
        return new Owner(self.pid(), startOf(self), UUID.randomUUID().toString());
    }

    static Optional<Owner> parse(String text) {
        String[] parts = text.strip().split(":", -1);
        try {
            return parts.length == 3
                    ? Optional.of(new Owner(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Writes into the folder that this owner holds it now. */
    void sign(Path folder) throws IOException {
        SafeFile.write(folder.resolve(FILE), this + "\n");
    }

    /** Whether this owner, and not another one or one that is dead, runs the servers of a folder. */
    boolean holds(Path folder) {
        try {
            return FolderLock.isHeld(folder)
                    && parse(Files.readString(folder.resolve(FILE)))
                            .filter(this::equals)
                            .isPresent()
                    && isAlive();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isAlive() {
        return ProcessHandle.of(pid)
                .filter(process -> startMillis == 0 || startOf(process) == startMillis)
                .isPresent();
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    @Override
    public String toString() {
        return pid + ":" + startMillis + ":" + random;
    }
}
