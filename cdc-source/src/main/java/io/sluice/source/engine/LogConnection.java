package io.sluice.source.engine;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import io.sluice.platform.postgres.SessionSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.ServerVersion;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.replication.fluent.logical.ChainedLogicalStreamBuilder;

/** Streams our slot from where everything is stored. */
final class LogConnection implements ReplicationConnection {

    private static final int STATUS_INTERVAL_SECONDS = 5;

    private final EngineBridge bridge;
    private @Nullable Connection connection;

    LogConnection(EngineBridge bridge) {
        this.bridge = bridge;
    }

    /** Debezium's idea of the place comes from our store, so there is no other; it is taken from the store directly. */
    @Override
    public ReplicationStream startStreaming(Lsn offset, WalPositionLocator walPosition) throws SQLException {
        return startStreaming(walPosition);
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator walPosition) throws SQLException {
        Connection opened = bridge.openReplication();
        connection = opened;
        SessionSettings.apply(opened);
        long from = bridge.begin();
        ChainedLogicalStreamBuilder builder = opened.unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(bridge.slot())
                .withStartPosition(LogSequenceNumber.valueOf(from))
                // The driver would confirm what it has received, and the slot pass what is stored.
                .withAutomaticFlush(false)
                .withStatusInterval(STATUS_INTERVAL_SECONDS, TimeUnit.SECONDS)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", String.join(",", bridge.publications()));
        BaseConnection server = opened.unwrap(BaseConnection.class);
        if (server.haveMinimumServerVersion(ServerVersion.v14)) {
            // A transaction with a message of ours alone is otherwise left out, and the slot would not move.
            builder.withSlotOption("messages", true);
        }
        if (bridge.origins().localOnly() && server.haveMinimumServerVersion(ServerVersion.v16)) {
            // Our decoder would leave them out too; so they are not even sent.
            builder.withSlotOption("origin", "none");
        }
        PGReplicationStream stream = builder.start();
        return new LogStream(opened, stream, Lsn.valueOf(from), bridge);
    }

    @Override
    public Optional<SlotCreationResult> createReplicationSlot() {
        throw new IllegalStateException("the slot is gone; a session makes its own and nobody else does");
    }

    @Override
    public void initConnection() {}

    @Override
    public boolean isConnected() throws SQLException {
        Connection opened = connection;
        return opened != null && !opened.isClosed();
    }

    @Override
    public void reconnect() {
        throw new IllegalStateException("a session that lost its stream is followed by a new one");
    }

    @Override
    public void close() {
        Connection opened = connection;
        if (opened != null) {
            Connections.abort(opened);
        }
    }
}
