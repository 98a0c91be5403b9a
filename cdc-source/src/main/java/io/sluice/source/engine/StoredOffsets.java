package io.sluice.source.engine;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's view of the offset: what Kafka has committed, and nothing else. Debezium reads it again before it moves the slot,
 * so the slot can't pass it. What Debezium wants to store is ignored. Public because Debezium makes it by its name.
 */
public final class StoredOffsets implements OffsetBackingStore {

    private @Nullable EngineBridge bridge;

    @Override
    public void configure(WorkerConfig config) {
        bridge = EngineBridge.named(config.originals().get(EngineBridge.CONFIG));
    }

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        EngineBridge configured = bridge;
        Map<ByteBuffer, ByteBuffer> values = new HashMap<>();
        if (configured != null) {
            byte[] stored = configured.storedForDebezium();
            keys.forEach(key -> values.put(key, ByteBuffer.wrap(stored)));
        }
        return CompletableFuture.completedFuture(values);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
        callback.onCompletion(null, null);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
