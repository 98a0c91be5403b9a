package io.sluice.transform.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * What a task remembers of records that did not go their way: parked changes, loads that are under way, and the breaker's count.
 * Kept in memory, for all of it is bounded, and in a changelog, in the Kafka transaction of the records that it follows from.
 */
final class LetterState {

    static final String STORE = "letters";

    private static final byte PARKED = 'p';
    private static final byte LOAD = 'l';
    private static final Bytes BREAKER = Bytes.wrap(new byte[] {'b'});

    private final KeyValueStore<Bytes, byte[]> store;

    private LetterState(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder() {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray());
    }

    static LetterState of(ProcessorContext<?, ?> context) {
        return new LetterState(context.getStateStore(STORE));
    }

    /** A parked record by its key and its offset. */
    interface ParkedConsumer {
        void accept(ParkedKey key, long offset, byte[] stored);
    }

    void eachParked(ParkedConsumer out) {
        each(PARKED, (name, stored) -> {
            String topic = topic(name);
            byte[] key = new byte[name.remaining() - Long.BYTES];
            name.get(key);
            out.accept(new ParkedKey(topic, io.sluice.schemas.model.Bytes.wrap(key)), name.getLong(), stored);
        });
    }

    /** The topic that a stored change was parked in; empty if something else is stored under this name. */
    static Optional<String> parkedIn(byte[] name) {
        ByteBuffer from = ByteBuffer.wrap(name);
        return from.get() == PARKED ? Optional.of(topic(from)) : Optional.empty();
    }

    void eachLoad(BiConsumer<String, byte[]> out) {
        each(LOAD, (name, stored) -> out.accept(topic(name), stored));
    }

    private void each(byte kind, BiConsumer<ByteBuffer, byte[]> out) {
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                ByteBuffer name = ByteBuffer.wrap(entry.key.get());
                if (name.get() == kind) {
                    out.accept(name, entry.value);
                }
            }
        }
    }

    byte @Nullable [] parked(ParkedKey key, long offset) {
        return store.get(name(key, offset));
    }

    void putParked(ParkedKey key, long offset, byte @Nullable [] stored) {
        store.put(name(key, offset), stored);
    }

    void putLoad(String topic, byte @Nullable [] stored) {
        store.put(name(topic), stored);
    }

    byte @Nullable [] breaker() {
        return store.get(BREAKER);
    }

    void putBreaker(byte[] stored) {
        store.put(BREAKER, stored);
    }

    private static Bytes name(ParkedKey key, long offset) {
        byte[] topic = key.topic().getBytes(StandardCharsets.UTF_8);
        return Bytes.wrap(
                ByteBuffer.allocate(1 + Integer.BYTES + topic.length + key.key().length() + Long.BYTES)
                        .put(PARKED)
                        .putInt(topic.length)
                        .put(topic)
                        .put(key.key().unsafeArray())
                        .putLong(offset)
                        .array());
    }

    private static Bytes name(String loadOf) {
        byte[] topic = loadOf.getBytes(StandardCharsets.UTF_8);
        return Bytes.wrap(ByteBuffer.allocate(1 + Integer.BYTES + topic.length)
                .put(LOAD)
                .putInt(topic.length)
                .put(topic)
                .array());
    }

    private static String topic(ByteBuffer name) {
        byte[] topic = new byte[name.getInt()];
        name.get(topic);
        return new String(topic, StandardCharsets.UTF_8);
    }
}
