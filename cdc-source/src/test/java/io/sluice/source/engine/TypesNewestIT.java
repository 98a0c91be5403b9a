package io.sluice.source.engine;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.PostgresVersion;
import java.util.Map;

/** On the newest version that is supported. */
class TypesNewestIT extends TypesContract {

    @Override
    PostgresServer server() {
        return PostgresServer.start(PostgresVersion.NEWEST, Map.of());
    }
}
