package io.sluice.localstack.kafka;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.FolderLock;
import io.sluice.localstack.process.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker in this JVM, for tests and for a pipeline that runs on one machine.
 *
 * <pre>
 * try (LocalKafka kafka = LocalKafka.startTemporary()) {
 *     … kafka.bootstrapServers() …
 * }
 * </pre>
 */
public final class LocalKafka implements AutoCloseable {

    private final FolderLock lock;
    private final RunningBroker broker;
    private final @Nullable TemporaryFolder temporary;

    private LocalKafka(FolderLock lock, RunningBroker broker, @Nullable TemporaryFolder temporary) {
        this.lock = lock;
        this.broker = broker;
        this.temporary = temporary;
    }

    /** Starts a broker whose cluster id, topics and data live in {@code dataDir} and survive a restart. */
    public static LocalKafka start(Path dataDir) {
        return start(dataDir, Map.of());
    }

    /** As {@link #start(Path)}, with broker settings that override ours. */
    public static LocalKafka start(Path dataDir, Map<String, String> settings) {
        return start(dataDir, settings, null);
    }

    /** Starts an empty broker that leaves nothing behind. */
    public static LocalKafka startTemporary() {
        return startTemporary(Map.of());
    }

    /** As {@link #startTemporary()}, with broker settings that override ours. */
    public static LocalKafka startTemporary(Map<String, String> settings) {
        TemporaryFolder folder = TemporaryFolder.create("kafka");
        return start(folder.path(), settings, folder);
    }

    private static LocalKafka start(Path dataDir, Map<String, String> settings, @Nullable TemporaryFolder temporary) {
        FolderLock lock = FolderLock.acquire(dataDir, "Kafka");
        Sockets sockets = null;
        boolean started = false;
        try {
            Path folder = dataDir.toRealPath();
            Path logs = Files.createDirectories(folder.resolve("logs"));
            String clusterId = Storage.format(logs);
            sockets = Sockets.bind(folder);
            RunningBroker broker = RunningBroker.start(clusterId, logs, sockets, settings);
            started = true;
            return new LocalKafka(lock, broker, temporary);
        } catch (LocalServerException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new LocalServerException("Kafka does not start in " + dataDir + ": " + e.getMessage(), e);
        } finally {
            if (!started) {
                if (sockets != null) {
                    sockets.close();
                }
                lock.close();
                if (temporary != null) {
                    temporary.close();
                }
            }
        }
    }

    /** What a client's {@code bootstrap.servers} takes. */
    public String bootstrapServers() {
        return "127.0.0.1:" + broker.port();
    }

    public String clusterId() {
        return broker.clusterId();
    }

    @Override
    public synchronized void close() {
        try {
            broker.close();
        } finally {
            lock.close();
            if (temporary != null) {
                temporary.close();
            }
        }
    }

    /** Starts a broker, in the folder given as argument or in a temporary one, prints its address and stays until Ctrl-C. */
    public static void main(String[] arguments) throws InterruptedException {
        LocalKafka kafka = arguments.length > 0 ? start(Path.of(arguments[0])) : startTemporary();
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "kafka-shutdown"));
        System.out.println(kafka.bootstrapServers());
        new CountDownLatch(1).await();
    }
}
