package io.sluice.localstack.process;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The right to run servers on a data folder: held by one process at a time, and gone with it however it ends.
 *
 * <p>The lock file is never deleted: two processes could otherwise hold "the" lock on two files of the same name.
 */
public final class FolderLock implements AutoCloseable {

    private static final String FILE = "lock";

    /**
     * The one static of this module, because the thing it mirrors is one per process: POSIX file locks belong to the process,
     * and closing <em>any</em> descriptor of the file drops them. A second attempt in the same JVM must therefore be refused
     * before it opens the file.
     */
    private static final Set<Path> HELD_BY_THIS_JVM = new HashSet<>();

    private static final int ATTEMPTS = 6;
    private static final long PAUSE_MILLIS = 50;

    private final Path file;
    private @Nullable FileChannel channel;

    private FolderLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Takes the lock, or says with an empty answer that another owner is alive. Creates the folder if there is none. */
    public static Optional<FolderLock> tryAcquire(Path folder) {
        try {
            Files.createDirectories(folder);
            Path file = folder.toRealPath().resolve(FILE);
            synchronized (HELD_BY_THIS_JVM) {
                return HELD_BY_THIS_JVM.contains(file) ? Optional.empty() : lock(file);
            }
        } catch (IOException e) {
            throw new LocalServerException(
                    "Can't lock the data folder " + folder + ": " + e + ". It must be writable and on a local disk", e);
        }
    }

    private static Optional<FolderLock> lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean acquired = false;
        try {
            acquired = channel.tryLock() != null;
            if (!acquired) {
                return Optional.empty();
            }
            HELD_BY_THIS_JVM.add(file);
            return Optional.of(new FolderLock(file, channel));
        } finally {
            if (!acquired) {
                channel.close();
            }
        }
    }

    /** Takes the lock or fails, saying that {@code server} runs already. */
    public static FolderLock acquire(Path folder, String server) {
        // Somebody who only asks whether the lock is held stands in the way for a moment.
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Optional<FolderLock> lock = tryAcquire(folder);
            if (lock.isPresent()) {
                return lock.get();
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new LocalServerException(
                "Another process runs " + server + " in " + folder + ". Stop it, or choose another data folder");
    }

    /** Whether some process, this one included, holds the lock at this moment. */
    public static boolean isHeld(Path folder) {
        if (!Files.exists(folder.resolve(FILE))) {
            return false;
        }
        try {
            Path file = folder.toRealPath().resolve(FILE);
            synchronized (HELD_BY_THIS_JVM) {
                return HELD_BY_THIS_JVM.contains(file) || isHeldElsewhere(file);
            }
        } catch (IOException e) {
            throw new LocalServerException("Can't read the lock of " + folder + ": " + e, e);
        }
    }

    /** A shared lock, so that two who only ask never take one another for the owner. */
    private static boolean isHeldElsewhere(Path file) throws IOException {
        try (FileChannel probe = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = probe.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        }
    }

    @Override
    public synchronized void close() {
        FileChannel held = channel;
        channel = null;
        if (held == null) {
            return;
        }
        synchronized (HELD_BY_THIS_JVM) {
            HELD_BY_THIS_JVM.remove(file);
            try {
                held.close();
            } catch (IOException e) {
                throw new LocalServerException("Can't release " + file + ": " + e, e);
            }
        }
    }
}
