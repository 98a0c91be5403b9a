package io.sluice.transform.topology;

import io.sluice.schemas.model.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key of one change topic, as its changes are parked by.
 *
 * @param key without the id of its schema, as partitions are chosen: the id may differ where the key is the same
 */
record ParkedKey(String topic, Bytes key) {

    private static final int WIRE_PREFIX_BYTES = 5;

    /** Null if these bytes are too few for a key of ours. */
    static @Nullable ParkedKey of(String topic, byte @Nullable [] wire) {
        return wire == null || wire.length < WIRE_PREFIX_BYTES
                ? null
                : new ParkedKey(topic, Bytes.wrap(Arrays.copyOfRange(wire, WIRE_PREFIX_BYTES, wire.length)));
    }
}
