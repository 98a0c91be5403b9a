package io.sluice.source.decode;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Several messages of the log in one array, each behind its length, so that the way from the reading to the publishing thread
 * costs once per chunk and not once per change.
 */
public final class LogChunk {

    private static final int LENGTH_BYTES = Integer.BYTES;

    private byte[] buffer = new byte[16 * 1024];
    private int size;

    public void append(ByteBuffer message) {
        int length = message.remaining();
        int needed = Math.addExact(size, length + LENGTH_BYTES);
        if (buffer.length < needed) {
            buffer =
                    Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, buffer.length * 2L)));
        }
        ByteBuffer.wrap(buffer).putInt(size, length);
        message.get(buffer, size + LENGTH_BYTES, length);
        size = needed;
    }

    public int size() {
        return size;
    }

    /** The messages so far; begins a new chunk. */
    public byte[] take() {
        byte[] taken = size == buffer.length ? buffer : Arrays.copyOf(buffer, size);
        if (taken == buffer || buffer.length > 1 << 20) {
            buffer = new byte[16 * 1024];
        }
        size = 0;
        return taken;
    }
}
