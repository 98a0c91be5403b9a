package io.sluice.localstack.stack;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.kafka.LocalKafka;
import io.sluice.localstack.mongo.LocalMongo;
import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.localstack.process.LoopbackPort;
import io.sluice.localstack.process.TemporaryFolder;
import io.sluice.localstack.registry.LocalRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The servers themselves, started side by side and stopped one after the other. */
final class Servers implements AutoCloseable {

    private record Server(String address, AutoCloseable handle, CompletableFuture<?> end) {

        /** A server in this JVM ends with it. */
        Server(String address, AutoCloseable handle) {
            this(address, handle, new CompletableFuture<>());
        }
    }

    private final Map<Part, Server> servers = new EnumMap<>(Part.class);

    private volatile boolean closing;

    private Servers() {}

    /** Starts all or none. */
    static Servers start(Path folder, Set<Part> parts, @Nullable TemporaryFolder temporary) {
        Servers started = new Servers();
        ExecutorService threads = Executors.newCachedThreadPool(task -> new Thread(task, "local-stack-start"));
        Map<Part, Future<Server>> starting = new EnumMap<>(Part.class);
        parts.forEach(part -> starting.put(part, threads.submit(starter(folder, part, temporary))));
        threads.shutdown();
        List<Throwable> failures = new ArrayList<>();
        starting.forEach((part, future) -> {
            try {
                started.servers.put(part, future.get());
            } catch (ExecutionException e) {
                failures.add(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failures.add(e);
            }
        });
        if (failures.isEmpty()) {
            return started;
        }
        closeQuietly(started);
        Throwable first = failures.get(0);
        throw first instanceof LocalServerException known
                ? known
                : new LocalServerException("The local stack does not start in " + folder + ": " + first, first);
    }

    private static void closeQuietly(Servers started) {
        try {
            started.close();
        } catch (LocalServerException e) {
            // The reason why the stack did not start is the one to tell.
        }
    }

    private static Callable<Server> starter(Path folder, Part part, @Nullable TemporaryFolder temporary) {
        Path data = folder.resolve(part.folder());
        return switch (part) {
            case KAFKA ->
                () -> {
                    LocalKafka kafka = LocalKafka.start(data);
                    return new Server(kafka.bootstrapServers(), kafka);
                };
            case POSTGRES ->
                () -> {
                    LocalPostgres postgres = LocalPostgres.start(data);
                    if (temporary != null) {
                        postgres.holds(temporary);
                    }
                    return new Server(postgres.url("postgres"), postgres, postgres.onExit());
                };
            case REGISTRY ->
                () -> onRememberedPort(data, port -> {
                    LocalRegistry registry = LocalRegistry.start(
                            LocalRegistry.Options.temporary().withDataDir(data).withPort(port));
                    return new Server(registry.url(), registry);
                });
            case MONGODB ->
                () -> onRememberedPort(data, port -> {
                    LocalMongo mongo =
                            LocalMongo.start(LocalMongo.Settings.in(data).withPort(port));
                    return new Server(mongo.uri(), mongo);
                });
        };
    }

    private interface OnPort {
        Server start(int port) throws IOException;
    }

    /** These two take a port by number, so somebody may be quicker; then any other will do. */
    private static Server onRememberedPort(Path data, OnPort server) throws IOException {
        Files.createDirectories(data);
        LoopbackPort ports = new LoopbackPort(data.resolve("port"));
        int port = ports.free();
        Server started;
        try {
            started = server.start(port);
        } catch (IOException | RuntimeException taken) {
            port = ports.other();
            started = server.start(port);
        }
        ports.remember(port);
        return started;
    }

    Map<Part, String> addresses() {
        Map<Part, String> addresses = new EnumMap<>(Part.class);
        servers.forEach((part, server) -> addresses.put(part, server.address()));
        return addresses;
    }

    CompletableFuture<Part> onServerEnd() {
        CompletableFuture<Part> first = new CompletableFuture<>();
        servers.forEach((part, server) -> {
            CompletableFuture<Void> unused = server.end().thenRun(() -> {
                if (!closing) {
                    first.complete(part);
                }
            });
        });
        return first;
    }

    /** Stops every server, also after one has failed to stop. */
    @Override
    public void close() {
        closing = true;
        List<Exception> failures = new ArrayList<>();
        servers.forEach((part, server) -> {
            try {
                server.handle().close();
            } catch (Exception e) {
                failures.add(e);
            }
        });
        servers.clear();
        if (!failures.isEmpty()) {
            throw new LocalServerException(
                    "The local stack did not stop cleanly: " + failures.get(0).getMessage(), failures.get(0));
        }
    }
}
