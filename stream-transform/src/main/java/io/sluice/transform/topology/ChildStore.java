package io.sluice.transform.topology;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * What became of source rows that a split takes apart: for each source row and target table the keys of its rows there. One store
 * for all tables of a service. Kafka keeps a copy in the store's changelog, in the transaction of the rows and offsets.
 */
final class ChildStore {

    private static final int WIRE_PREFIX = 5;

    private final KeyValueStore<Bytes, byte[]> store;

    ChildStore(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** On disk: what is kept grows with the source's tables, the memory for it does not. */
    static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(String name) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray());
    }

    /**
     * The place of a source row.
     *
     * @param route tells source and target table from all others
     * @param sourceKey of the change record; its schema's id is left out, for it is no part of the row's identity
     */
    static Bytes place(Bytes route, Bytes sourceKey) {
        byte[] name = route.get();
        byte[] key = sourceKey.get();
        byte[] place = Arrays.copyOf(name, name.length + key.length - WIRE_PREFIX);
        System.arraycopy(key, WIRE_PREFIX, place, name.length, key.length - WIRE_PREFIX);
        return Bytes.wrap(place);
    }

    /** Remembers these keys and no others; returns those that were remembered before and are not among them. */
    List<byte[]> replace(Bytes place, List<byte[]> keys) {
        byte[] before = store.get(place);
        byte[] now = ChildKeys.encode(keys);
        if (Arrays.equals(before, now)) {
            return List.of();
        }
        store.put(place, now);
        return ChildKeys.gone(before, now);
    }
}
