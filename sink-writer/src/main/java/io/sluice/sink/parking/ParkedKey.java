package io.sluice.sink.parking;

import io.sluice.schemas.model.Bytes;
import io.sluice.sink.batch.RowPartition;
import java.util.Arrays;

/**
 * A key of one row partition, as its records are held by.
 *
 * @param key without the id of its schema, as partitions are chosen: the id may differ where the key is the same
 */
public record ParkedKey(RowPartition partition, Bytes key) {

    private static final int WIRE_PREFIX_BYTES = 5;

    public static ParkedKey of(RowPartition partition, byte[] wire) {
        return new ParkedKey(partition, withoutSchema(wire));
    }

    static Bytes withoutSchema(byte[] wire) {
        return Bytes.wrap(Arrays.copyOfRange(wire, Math.min(WIRE_PREFIX_BYTES, wire.length), wire.length));
    }
}
