package io.sluice.app.wiring;

import io.sluice.platform.control.ControlStore;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control store of a pipeline: the database that its file names, or else an embedded one, which runs only while somebody uses
 * it.
 */
public final class ControlStores implements AutoCloseable {

    private final ControlStore store;
    private final @Nullable EmbeddedServers embedded;

    private ControlStores(ControlStore store, @Nullable EmbeddedServers embedded) {
        this.store = store;
        this.embedded = embedded;
    }

    /** @param folder where an embedded one keeps its data */
    public static ControlStores open(Pipeline pipeline, Path folder) {
        Optional<ConnectionSpec> named = pipeline.control();
        if (named.isPresent()) {
            return new ControlStores(ControlStore.open(connector(pipeline, named.get())), null);
        }
        Servers.requireEmbeddable("control");
        EmbeddedServers embedded =
                EmbeddedServers.database(home(folder), "Or name a database of yours under control:.");
        try {
            ConnectionSpec there = ConnectionSpec.to(embedded.postgresUrl());
            return new ControlStores(ControlStore.open(connector(pipeline, there)), embedded);
        } catch (RuntimeException e) {
            embedded.close();
            throw e;
        }
    }

    /** The same for whoever only reads: empty where nothing was ever kept. */
    public static Optional<ControlStores> openExisting(Pipeline pipeline, Path folder) {
        return pipeline.control().isPresent() || Files.isDirectory(home(folder))
                ? Optional.of(open(pipeline, folder))
                : Optional.empty();
    }

    private static PostgresConnector connector(Pipeline pipeline, ConnectionSpec spec) {
        return PostgresConnector.of(spec, "sluice-control-" + pipeline.name());
    }

    private static Path home(Path folder) {
        return folder.resolve("control");
    }

    public ControlStore store() {
        return store;
    }

    @Override
    public void close() {
        store.close();
        if (embedded != null) {
            embedded.close();
        }
    }
}
