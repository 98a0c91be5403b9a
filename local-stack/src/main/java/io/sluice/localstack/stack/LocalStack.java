package io.sluice.localstack.stack;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.FolderLock;
import io.sluice.localstack.process.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one data folder: started here, or found running in another process.
 *
 * <p>{@link #close()} stops the servers if this process owns them, and else does nothing.
 */
public final class LocalStack implements AutoCloseable {

    private static final String ENVIRONMENT = "stack.env";
    private static final Duration ATTACH_LIMIT = Duration.ofMinutes(2);

    private final Path folder;
    private final Map<Part, String> addresses;
    private final StopRecord stops;
    private final Owner owner;
    private final @Nullable Ownership ownership;
    private boolean closed;

    private LocalStack(
            Path folder, Owner owner, Map<Part, String> addresses, StopRecord stops, @Nullable Ownership ownership) {
        this.folder = folder;
        this.owner = owner;
        this.addresses = Map.copyOf(addresses);
        this.stops = stops;
        this.ownership = ownership;
    }

    /** What only the owner has. */
    private record Ownership(FolderLock lock, Servers servers, StackFile file, @Nullable TemporaryFolder temporary) {}

    public static Builder builder(Path dataDir) {
        return new Builder(dataDir);
    }

    /** Attaches to the whole stack of a folder, or starts it if nobody runs it. */
    public static LocalStack attachOrStart(Path dataDir) {
        return builder(dataDir).attachOrStart();
    }

    /** The stack of a folder if a living process runs it. */
    public static Optional<LocalStack> attach(Path dataDir) {
        return builder(dataDir).attach();
    }

    /** Starts servers that leave nothing behind. */
    public static LocalStack startTemporary(Part first, Part... more) {
        TemporaryFolder temporary = TemporaryFolder.create("stack");
        return new Builder(temporary.path()).with(EnumSet.of(first, more)).start(temporary);
    }

    /** Which servers, and where. All of them unless told otherwise. */
    public static final class Builder {

        private final Path dataDir;
        private Set<Part> parts = EnumSet.allOf(Part.class);
        private BootId boot = BootId::ofThisMachine;

        private Builder(Path dataDir) {
            this.dataDir = dataDir;
        }

        public Builder with(Part first, Part... more) {
            return with(EnumSet.of(first, more));
        }

        public Builder with(Set<Part> chosen) {
            parts = EnumSet.copyOf(chosen);
            return this;
        }

        Builder boot(BootId source) {
            boot = source;
            return this;
        }

        /** Starts the servers; fails if another process runs them. */
        public LocalStack start() {
            return start(null);
        }

        private LocalStack start(@Nullable TemporaryFolder temporary) {
            return own(FolderLock.acquire(dataDir, "the local stack"), temporary);
        }

        /** The running stack, if a living process owns it and it has the chosen parts. */
        public Optional<LocalStack> attach() {
            return running().map(this::attached);
        }

        /** Attaches, also to a stack that is just starting; starts one if there is none. */
        public LocalStack attachOrStart() {
            long deadline = System.nanoTime() + ATTACH_LIMIT.toNanos();
            while (System.nanoTime() < deadline) {
                Optional<FolderLock> lock = FolderLock.tryAcquire(dataDir);
                if (lock.isPresent()) {
                    return own(lock.get(), null);
                }
                Optional<StackFile.Content> running = running();
                if (running.isPresent()) {
                    return attached(running.get());
                }
                pause();
            }
            throw new LocalServerException("Another process holds " + dataDir.resolve("lock")
                    + " but its servers don't come up. End that process, then try again");
        }

        private static void pause() {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LocalServerException("Interrupted while waiting for the local stack", e);
            }
        }

        /** A file left by a dead owner must not be believed, even if another owner holds the lock by now. */
        private Optional<StackFile.Content> running() {
            try {
                return new StackFile(dataDir.resolve(ENVIRONMENT)).read().filter(content -> content.owner()
                        .holds(dataDir));
            } catch (IOException e) {
                throw new LocalServerException("Can't read the local stack's addresses in " + dataDir + ": " + e, e);
            }
        }

        private LocalStack attached(StackFile.Content content) {
            Set<Part> missing = EnumSet.copyOf(parts);
            missing.removeAll(content.addresses().keySet());
            if (!missing.isEmpty()) {
                throw new LocalServerException("The local stack in " + dataDir + ", run by process "
                        + content.owner().pid() + ", is without " + missing + ". Stop that process, then try again");
            }
            return new LocalStack(dataDir, content.owner(), content.addresses(), new StopRecord(dataDir, boot), null);
        }

        private LocalStack own(FolderLock lock, @Nullable TemporaryFolder temporary) {
            boolean started = false;
            try {
                Path folder = dataDir.toRealPath();
                StackFile file = new StackFile(folder.resolve(ENVIRONMENT));
                file.delete();
                Owner owner = Owner.thisProcess();
                owner.sign(folder);
                StopRecord stops = new StopRecord(folder, boot);
                stops.starting();
                Servers servers = Servers.start(folder, parts, temporary);
                LocalStack stack = new LocalStack(
                        folder, owner, servers.addresses(), stops, new Ownership(lock, servers, file, temporary));
                started = true;
                stack.publish();
                return stack;
            } catch (IOException e) {
                throw new LocalServerException("The local stack does not start in " + dataDir + ": " + e, e);
            } finally {
                if (!started) {
                    lock.close();
                    if (temporary != null) {
                        temporary.close();
                    }
                }
            }
        }
    }

    private void publish() {
        try {
            if (ownership != null) {
                ownership.file().write(owner, addresses);
            }
        } catch (IOException e) {
            close();
            throw new LocalServerException("Can't write the addresses of the local stack in " + folder + ": " + e, e);
        }
    }

    /** Whether this process runs the servers, rather than another one. */
    public boolean owns() {
        return ownership != null;
    }

    /** Whether the process that runs these servers is still there. An attached process should stop when it isn't. */
    public boolean hasOwner() {
        return owner.holds(folder);
    }

    /** Which process runs the servers. */
    public long ownerPid() {
        return owner.pid();
    }

    /** Completes with a server of this process that ended though nobody had asked it to. */
    public CompletableFuture<Part> onServerEnd() {
        return ownership == null
                ? new CompletableFuture<>()
                : ownership.servers().onServerEnd();
    }

    public Path folder() {
        return folder;
    }

    /** The file with the addresses, for a shell: {@code . stack.env}. */
    public Path environmentFile() {
        return folder.resolve(ENVIRONMENT);
    }

    /** All addresses; PostgreSQL's holds a password. */
    public Map<Part, String> addresses() {
        return addresses;
    }

    public String kafkaBootstrap() {
        return address(Part.KAFKA);
    }

    public String registryUrl() {
        return address(Part.REGISTRY);
    }

    /** The address of the database {@code postgres}, with the superuser's password. */
    public String postgresUrl() {
        return address(Part.POSTGRES);
    }

    public String mongodbUri() {
        return address(Part.MONGODB);
    }

    private String address(Part part) {
        String address = addresses.get(part);
        if (address == null) {
            throw new LocalServerException("The local stack in " + folder + " was started without " + part);
        }
        return address;
    }

    /**
     * Whether records that others rely on may be missing, because the machine went down under the servers. Going on is safe
     * only with a new source epoch; it stays so until {@link #acknowledgeUncleanStop()}.
     */
    public boolean uncleanStopOnAnotherBoot() {
        return stops.isSuspect();
    }

    /** A new epoch has begun: what was lost is read again. */
    public void acknowledgeUncleanStop() {
        try {
            stops.acknowledge();
        } catch (IOException e) {
            throw new LocalServerException("Can't record the new epoch in " + folder + ": " + e, e);
        }
    }

    @Override
    public synchronized void close() {
        // Once closed, the folder may have another owner, whose files these are.
        if (ownership == null || closed) {
            return;
        }
        closed = true;
        try {
            ownership.file().delete();
            ownership.servers().close();
            if (ownership.temporary() == null) {
                stops.stopped();
            }
        } catch (IOException e) {
            throw new LocalServerException("The local stack in " + folder + " did not stop cleanly: " + e, e);
        } finally {
            ownership.lock().close();
            if (ownership.temporary() != null) {
                ownership.temporary().close();
            }
        }
    }
}
