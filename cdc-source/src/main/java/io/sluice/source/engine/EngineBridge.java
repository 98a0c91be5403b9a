package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.StoredOffset;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the classes that Debezium makes by name need of the session that started it.
 *
 * <p>Debezium takes texts only, so the bridge is found under a name that the configuration carries. This map is the one static
 * state of the product; a bridge is in it no longer than its engine runs.
 */
final class EngineBridge implements AutoCloseable {

    static final String CONFIG = "sluice.bridge";

    private static final Map<String, EngineBridge> BRIDGES = new ConcurrentHashMap<>();

    private final String name = UUID.randomUUID().toString();
    private final PostgresConnector connector;
    private final String slot;
    private final List<String> publications;
    private final SourceSpec.Origins origins;
    private final StateRecords state;
    private final AtomicInteger chunksUnderway = new AtomicInteger();
    private final long begin;
    private volatile StoredOffset stored;
    private volatile @Nullable Connection replication;

    EngineBridge(
            PostgresConnector connector,
            String slot,
            List<String> publications,
            SourceSpec.Origins origins,
            StateRecords state,
            StoredOffset stored,
            long begin) {
        this.connector = connector;
        this.slot = slot;
        this.publications = List.copyOf(publications);
        this.origins = origins;
        this.state = state;
        this.stored = stored;
        this.begin = begin;
        BRIDGES.put(name, this);
    }

    static EngineBridge named(@Nullable Object name) {
        EngineBridge bridge = name == null ? null : BRIDGES.get(name.toString());
        if (bridge == null) {
            throw new IllegalStateException("the engine outlived its session");
        }
        return bridge;
    }

    String name() {
        return name;
    }

    String slot() {
        return slot;
    }

    List<String> publications() {
        return publications;
    }

    /** Whose transactions are read. */
    SourceSpec.Origins origins() {
        return origins;
    }

    StoredOffset stored() {
        return stored;
    }

    /** Where the server is to begin. */
    long begin() {
        return begin;
    }

    byte[] storedForDebezium() {
        return state.debeziumOffset(stored);
    }

    /** Serves this offset from now on. Only after Kafka has committed it. */
    void store(StoredOffset offset) {
        stored = offset;
    }

    /** Chunks that were read and not yet published. */
    AtomicInteger chunksUnderway() {
        return chunksUnderway;
    }

    Connection openReplication() throws SQLException {
        Connection opened = connector.openReplication();
        replication = opened;
        return opened;
    }

    /** Ends the replication session too, whatever Debezium has left of it: a walsender that lives on would hold the slot. */
    @Override
    public void close() {
        BRIDGES.remove(name);
        Connection opened = replication;
        if (opened != null) {
            Connections.abort(opened);
        }
    }
}
