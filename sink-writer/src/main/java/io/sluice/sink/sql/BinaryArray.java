package io.sluice.sink.sql;

import java.util.Arrays;

/**
 * Builds a one-dimensional array in PostgreSQL's binary form. Reused from column to column; belongs to one thread.
 *
 * <pre>
 *   int32 dimensions (1) · int32 has nulls · int32 element oid · int32 length · int32 lower bound (1)
 *   then for each element: int32 size (-1 for null) · its bytes
 * </pre>
 */
final class BinaryArray {

    private static final int HEADER_BYTES = 20;
    private static final int NULLS_AT = 4;
    private static final int LENGTH_AT = 12;
    /** One oversized batch must not pin its size for ever. */
    private static final int KEPT_BYTES = 4 << 20;

    private byte[] buffer = new byte[4096];
    private int length;
    private int elements;
    private boolean nulls;
    private int sizeAt;

    void begin(int elementOid) {
        length = 0;
        elements = 0;
        nulls = false;
        putInt(1);
        putInt(0);
        putInt(elementOid);
        putInt(0);
        putInt(1);
    }

    void addNull() {
        nulls = true;
        elements++;
        putInt(-1);
    }

    /** Begins an element whose size is known. */
    void beginElement(int size) {
        elements++;
        putInt(size);
    }

    /** Begins an element whose size {@link #endElement} finds out. */
    void beginElement() {
        elements++;
        sizeAt = length;
        putInt(0);
    }

    void endElement() {
        setInt(sizeAt, length - sizeAt - 4);
    }

    byte[] finish() {
        setInt(NULLS_AT, nulls ? 1 : 0);
        setInt(LENGTH_AT, elements);
        byte[] array = elements == 0 ? Arrays.copyOf(buffer, HEADER_BYTES) : Arrays.copyOf(buffer, length);
        if (buffer.length > KEPT_BYTES) {
            buffer = new byte[4096];
        }
        return array;
    }

    void putByte(int value) {
        ensure(1);
        buffer[length++] = (byte) value;
    }

    void putShort(int value) {
        ensure(2);
        buffer[length++] = (byte) (value >>> 8);
        buffer[length++] = (byte) value;
    }

    void putInt(int value) {
        ensure(4);
        setInt(length, value);
        length += 4;
    }

    void putLong(long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }

    void putBytes(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, buffer, length, value.length);
        length += value.length;
    }

    private void setInt(int at, int value) {
        buffer[at] = (byte) (value >>> 24);
        buffer[at + 1] = (byte) (value >>> 16);
        buffer[at + 2] = (byte) (value >>> 8);
        buffer[at + 3] = (byte) value;
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            int needed = Math.addExact(length, more);
            buffer = Arrays.copyOf(buffer, (int) Math.max(needed, Math.min(buffer.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
