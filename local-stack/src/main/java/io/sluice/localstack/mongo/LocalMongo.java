package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.FolderLock;
import io.sluice.localstack.process.LoopbackPort;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for a MongoDB replica set on the loopback address, with change streams. It exercises our code; it is no proof that
 * anything works with a real mongod.
 */
public final class LocalMongo implements AutoCloseable {

    private final @Nullable FolderLock lock;
    private final DataFile file;
    private final Commands commands;
    private final WireServer server;

    private LocalMongo(Settings settings, @Nullable FolderLock lock) {
        this.lock = lock;
        Clock clock = Clock.systemUTC();
        file = DataFile.open(settings.dataDir());
        try {
            History history = new History(
                    file.changes(), file.marks(), settings.historyChanges(), settings.historyBytes(), clock);
            Journal journal = new Journal(history, file, clock);
            WatchedBackend backend = new WatchedBackend(journal, clock);
            backend.version(Handshake.Version.INSTANCE);
            file.eachCollection((namespace, description) -> restore(backend, journal, namespace, description));
            file.commit();
            commands = new Commands(history, journal, backend, clock);
            server = listen(commands, settings);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static WireServer listen(Commands commands, Settings settings) {
        Path dataDir = settings.dataDir();
        if (dataDir == null || settings.port() != 0) {
            return WireServer.listen(commands, settings.port());
        }
        LoopbackPort port = new LoopbackPort(dataDir.resolve("port"));
        WireServer server = WireServer.listen(commands, port.free());
        port.remember(server.port());
        return server;
    }

    private void restore(WatchedBackend backend, Journal journal, Namespace namespace, Document description) {
        List<Document> indexes = Bson.documents(description, "indexes");
        backend.restore(namespace, indexes, file.read(namespace));
        journal.described(namespace, Bson.required(description, "options", Document.class), backend.indexes(namespace));
    }

    /** Starts an empty one in memory. */
    public static LocalMongo startTemporary() {
        return start(Settings.temporary());
    }

    /** Starts one that keeps its documents, its history, its cluster time and if possible its port in a folder. */
    public static LocalMongo start(Path dataDir) {
        return start(Settings.in(dataDir));
    }

    public static LocalMongo start(Settings settings) {
        Path dataDir = settings.dataDir();
        FolderLock lock = dataDir == null ? null : FolderLock.acquire(dataDir, "MongoDB");
        boolean started = false;
        try {
            LocalMongo mongo = new LocalMongo(settings, lock);
            started = true;
            return mongo;
        } catch (LocalServerException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new LocalServerException("The MongoDB stand-in does not start: " + e.getMessage(), e);
        } finally {
            if (!started && lock != null) {
                lock.close();
            }
        }
    }

    /** For any MongoDB client; there is no need for a direct connection. */
    public String uri() {
        return "mongodb://127.0.0.1:" + port() + "/?replicaSet=" + Handshake.REPLICA_SET;
    }

    public int port() {
        return server.port();
    }

    /** Forgets the history, as an oplog that rolled over: no stream goes on, and no position handed out so far resumes. */
    public void rollOver() {
        commands.rollOver();
    }

    /** Cuts every connection, as an election does. */
    public void severConnections() {
        server.severConnections();
    }

    @Override
    public synchronized void close() {
        try {
            server.close();
        } finally {
            file.close();
            if (lock != null) {
                lock.close();
            }
        }
    }

    /** Starts one, in the folder given as argument or in memory, prints its address and stays until Ctrl-C. */
    public static void main(String[] arguments) throws InterruptedException {
        LocalMongo mongo = arguments.length > 0 ? start(Path.of(arguments[0])) : startTemporary();
        Runtime.getRuntime().addShutdownHook(new Thread(mongo::close, "mongo-shutdown"));
        System.out.println(mongo.uri());
        new CountDownLatch(1).await();
    }

    /**
     * How to start one.
     *
     * @param dataDir null to keep nothing
     * @param port 0 to take the one remembered in the folder, or a free one
     * @param historyChanges how many changes the history holds before it forgets the oldest
     * @param historyBytes how large these may be together
     */
    public record Settings(@Nullable Path dataDir, int port, int historyChanges, long historyBytes) {

        private static final int HISTORY_CHANGES = 100_000;
        private static final long HISTORY_BYTES = 256L * 1024 * 1024;

        public static Settings temporary() {
            return new Settings(null, 0, HISTORY_CHANGES, HISTORY_BYTES);
        }

        public static Settings in(Path dataDir) {
            return new Settings(dataDir, 0, HISTORY_CHANGES, HISTORY_BYTES);
        }

        /** With a port of your own choice, so that a client finds it again after a restart. */
        public Settings withPort(int fixedPort) {
            return new Settings(dataDir, fixedPort, historyChanges, historyBytes);
        }

        public Settings withHistory(int changes) {
            return new Settings(dataDir, port, changes, historyBytes);
        }
    }
}
