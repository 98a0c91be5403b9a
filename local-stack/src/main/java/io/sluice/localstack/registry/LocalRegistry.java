package io.sluice.localstack.registry;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A running schema registry on a loopback port. */
public final class LocalRegistry implements AutoCloseable {

    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int THREADS = 8;
    private static final int MAX_WAITING_REQUESTS = 256;

    private final HttpServer server;
    private final ThreadPoolExecutor workers;
    private final @Nullable EventLog log;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LocalRegistry(HttpServer server, ThreadPoolExecutor workers, @Nullable EventLog log) {
        this.server = server;
        this.workers = workers;
        this.log = log;
    }

    /** Credentials that every request must carry. */
    public record BasicAuth(String user, String password) {
        @Override
        public String toString() {
            return "BasicAuth[user=" + user + "]";
        }
    }

    /**
     * @param dataDir null to keep everything in memory
     * @param port 0 for a free one
     * @param basicAuth null to let everybody in
     */
    public record Options(@Nullable Path dataDir, int port, int maxBodyBytes, @Nullable BasicAuth basicAuth) {

        public static Options temporary() {
            return new Options(null, 0, 4 << 20, null);
        }

        public Options withDataDir(Path folder) {
            return new Options(folder, port, maxBodyBytes, basicAuth);
        }

        public Options withPort(int number) {
            return new Options(dataDir, number, maxBodyBytes, basicAuth);
        }

        public Options withMaxBodyBytes(int bytes) {
            return new Options(dataDir, port, bytes, basicAuth);
        }

        public Options withBasicAuth(String user, String password) {
            return new Options(dataDir, port, maxBodyBytes, new BasicAuth(user, password));
        }
    }

    /** With its data in this folder, where it also survives {@code kill -9}. */
    public static LocalRegistry start(Path dataDir) throws IOException {
        return start(Options.temporary().withDataDir(dataDir));
    }

    /** In memory. */
    public static LocalRegistry startTemporary() throws IOException {
        return start(Options.temporary());
    }

    public static LocalRegistry start(Options options) throws IOException {
        // The JDK's server writes an answer's head and body apart: without this, each waits 40 ms for a delayed
        // acknowledgement. It reads the property once, and there is no other way to tell it.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Catalog catalog = new Catalog();
        Path dataDir = options.dataDir();
        EventLog log = dataDir == null ? null : EventLog.open(dataDir, catalog::apply);
        ThreadPoolExecutor workers = workers();
        try {
            Registry registry = new Registry(catalog, log == null ? event -> {} : log::append);
            HttpServer server = HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), options.port()), MAX_WAITING_REQUESTS);
            server.createContext(
                    "/", new RestHandler(new RestApi(registry), options.maxBodyBytes(), options.basicAuth()));
            server.setExecutor(workers);
            server.start();
            return new LocalRegistry(server, workers, log);
        } catch (IOException | RuntimeException e) {
            workers.shutdown();
            if (log != null) {
                log.close();
            }
            throw e;
        }
    }

    private static ThreadPoolExecutor workers() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor workers = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING_REQUESTS), task -> {
                    Thread thread = new Thread(task, "schema-registry-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        return workers;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** {@code http://127.0.0.1:port}, without a slash at its end. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** Lets a request that is being answered finish, within a second. */
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        server.stop(0);
        workers.shutdown();
        try {
            // Interrupting a worker would close the log under its hands, so it gets the time to finish.
            if (!workers.awaitTermination(1, TimeUnit.SECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            if (log != null) {
                log.close();
            }
        }
    }

    /** Arguments: nothing for a registry in memory, or the data folder and, if it matters, the port. */
    public static void main(String[] args) throws Exception {
        Options options = Options.temporary();
        if (args.length > 0) {
            options = options.withDataDir(Path.of(args[0]));
        }
        if (args.length > 1) {
            options = options.withPort(Integer.parseInt(args[1]));
        }
        LocalRegistry registry = start(options);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                registry.close();
                            } catch (IOException e) {
                                System.err.println("The registry's log could not be closed: " + e.getMessage());
                            }
                        },
                        "schema-registry-shutdown"));
        System.out.println(registry.url());
        new CountDownLatch(1).await();
    }
}
