package io.sluice.schemas.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one record in Avro's binary form behind the wire prefix.
 *
 * <p>Avro's own encoders write to a stream through a second buffer; this one fills the array that Kafka gets, and is reused
 * from record to record. Not safe for use by several threads.
 */
final class AvroOutput {

    private static final int INITIAL_BYTES = 512;
    /** One oversized record must not pin its size for ever. */
    private static final int KEPT_BYTES = 1 << 20;

    private byte[] buffer = new byte[INITIAL_BYTES];
    private int length;

    void begin(int schemaId) {
        length = 0;
        ensure(Wire.PREFIX_BYTES);
        Wire.writePrefix(buffer, schemaId);
        length = Wire.PREFIX_BYTES;
    }

    byte[] finish() {
        byte[] record = Arrays.copyOf(buffer, length);
        if (buffer.length > KEPT_BYTES) {
            buffer = new byte[INITIAL_BYTES];
        }
        return record;
    }

    void writeBoolean(boolean value) {
        ensure(1);
        buffer[length++] = (byte) (value ? 1 : 0);
    }

    void writeLong(long value) {
        ensure(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
    }

    void writeFloat(float value) {
        ensure(4);
        int bits = Float.floatToRawIntBits(value);
        for (int i = 0; i < 4; i++) {
            buffer[length++] = (byte) (bits >>> (8 * i));
        }
    }

    void writeDouble(double value) {
        ensure(8);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < 8; i++) {
            buffer[length++] = (byte) (bits >>> (8 * i));
        }
    }

    void writeString(String value) {
        writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    void writeBytes(byte[] value) {
        writeLong(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, buffer, length, value.length);
        length += value.length;
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(length, more), (int)
                    Math.min(buffer.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
