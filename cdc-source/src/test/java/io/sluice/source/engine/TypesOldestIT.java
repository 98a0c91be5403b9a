package io.sluice.source.engine;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.PostgresVersion;
import java.util.Map;

/** On the oldest version that is supported. */
class TypesOldestIT extends TypesContract {

    @Override
    PostgresServer server() {
        return PostgresServer.start(PostgresVersion.OLDEST, Map.of());
    }
}
