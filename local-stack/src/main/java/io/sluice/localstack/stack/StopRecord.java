package io.sluice.localstack.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * How the servers of a data folder were stopped last.
 *
 * <pre>
 *            start                          stop
 *  (new) ───────────▶ running on boot B ───────────▶ stopped
 *                        ▲      │                       │
 *                        │      │ killed, same boot     │ start
 *                        │◀─────┘                       │
 *                        │◀─────────────────────────────┘
 *                        │
 *                        └── killed, another boot: and suspect, until a new epoch is acknowledged
 * </pre>
 */
final class StopRecord {

    private static final String RUNNING = "running ";
    private static final String STOPPED = "stopped";

    private final Path folder;
    private final Path state;
    private final Path suspect;
    private final BootId boot;

    StopRecord(Path folder, BootId boot) {
        this.folder = folder;
        this.state = folder.resolve("state");
        this.suspect = folder.resolve("suspect");
        this.boot = boot;
    }

    /** Before the first server starts. */
    void starting() throws IOException {
        Optional<String> thisBoot = boot.read();
        // The suspicion must be on disk before the state that gives rise to it is overwritten.
        if (mayHaveLostWrites(thisBoot)) {
            SafeFile.write(
                    suspect, "The servers were not stopped before the machine was. A new source epoch is needed.\n");
        }
        SafeFile.write(state, RUNNING + thisBoot.orElse("unknown") + "\n");
    }

    /** After the last server has stopped, with everything it knew on disk. */
    void stopped() throws IOException {
        SafeFile.write(state, STOPPED + "\n");
    }

    boolean isSuspect() {
        return Files.exists(suspect);
    }

    void acknowledge() throws IOException {
        SafeFile.delete(suspect);
    }

    private boolean mayHaveLostWrites(Optional<String> thisBoot) throws IOException {
        if (!Files.exists(state)) {
            // Data without a record of its own comes from somewhere we know nothing of.
            return Arrays.stream(Part.values()).anyMatch(part -> Files.exists(folder.resolve(part.folder())));
        }
        String last = Files.readString(state).strip();
        if (last.equals(STOPPED)) {
            return false;
        }
        return thisBoot.isEmpty() || !last.equals(RUNNING + thisBoot.get());
    }
}
