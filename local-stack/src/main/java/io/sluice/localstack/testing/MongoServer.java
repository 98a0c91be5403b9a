package io.sluice.localstack.testing;

import io.sluice.localstack.mongo.LocalMongo;

/** A MongoDB replica set for tests. Databases of a test begin with a {@link #uniqueName(String)}. */
public final class MongoServer implements AutoCloseable {

    static final String VARIABLE = "SLUICE_TEST_MONGODB";

    private final String uri;
    private final boolean standIn;
    private final AutoCloseable server;

    private MongoServer(String uri, boolean standIn, AutoCloseable server) {
        this.uri = uri;
        this.standIn = standIn;
        this.server = server;
    }

    /** The one of this JVM. */
    public static MongoServer shared() {
        return Shared.MONGODB;
    }

    private static MongoServer open() {
        return Environment.variable(VARIABLE)
                .map(address -> new MongoServer(address, false, () -> {}))
                .or(() -> Containers.start(Containers.Image.MONGODB)
                        .map(container -> new MongoServer(container.address(), false, container)))
                .orElseGet(() -> {
                    LocalMongo local = LocalMongo.startTemporary();
                    return new MongoServer(local.uri(), true, local);
                });
    }

    /** It may hold a password. */
    public String uri() {
        return uri;
    }

    /** Whether this is the stand-in, which proves nothing about a real mongod. */
    public boolean isStandIn() {
        return standIn;
    }

    /** A name no other test uses, for a database or a collection. */
    public String uniqueName(String name) {
        return UniqueName.from(name, '_');
    }

    @Override
    public void close() throws Exception {
        server.close();
    }

    private static final class Shared {
        static final MongoServer MONGODB = Environment.closedAtExit(open());
    }
}
