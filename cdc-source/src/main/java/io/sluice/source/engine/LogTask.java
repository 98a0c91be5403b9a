package io.sluice.source.engine;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Debezium's task with our replication connection. Public because Debezium makes it by its name. */
public final class LogTask extends PostgresConnectorTask {

    private volatile @Nullable String bridge;

    @Override
    public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(Configuration config) {
        bridge = config.getString(EngineBridge.CONFIG);
        return super.start(config);
    }

    @Override
    public ReplicationConnection createReplicationConnection(
            PostgresConnectorConfig config, int maxRetries, Duration retryDelay) {
        return new LogConnection(EngineBridge.named(bridge));
    }
}
