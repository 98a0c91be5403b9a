package io.sluice.schemas.topic;

import java.util.zip.CRC32C;

/**
 * Chooses the partition of a key: every producer uses this class, so that one key always lands in one partition.
 *
 * <p>The schema id in front of the key is left out: it may differ between registries, and a key must not move for that.
 */
public final class Partitions {

    private static final int WIRE_PREFIX_BYTES = 5;

    private Partitions() {}

    /**
     * The partition of an encoded key.
     *
     * @param wireKey a key in the Confluent wire format
     */
    public static int of(byte[] wireKey, int partitions) {
        if (wireKey.length < WIRE_PREFIX_BYTES) {
            throw new IllegalArgumentException("a key in the wire format has at least " + WIRE_PREFIX_BYTES + " bytes");
        }
        CRC32C crc = new CRC32C();
        crc.update(wireKey, WIRE_PREFIX_BYTES, wireKey.length - WIRE_PREFIX_BYTES);
        return (int) (spread(crc.getValue()) % partitions);
    }

    /** A CRC is linear, so neighbouring keys would differ in few bits; two multiplications break that up. */
    private static long spread(long crc) {
        long mixed = (crc ^ (crc >>> 15)) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 29)) * 0xD6E8FEB86659FD93L;
        return (mixed ^ (mixed >>> 32)) >>> 1;
    }
}
