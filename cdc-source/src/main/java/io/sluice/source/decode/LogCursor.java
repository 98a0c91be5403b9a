package io.sluice.source.decode;

import java.nio.charset.StandardCharsets;

/** Walks over the bytes of a chunk. */
final class LogCursor {

    private final byte[] bytes;
    private int at;

    LogCursor(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean atEnd() {
        return at >= bytes.length;
    }

    int position() {
        return at;
    }

    byte[] bytes() {
        return bytes;
    }

    void skip(int count) {
        at += count;
    }

    int readByte() {
        return bytes[at++];
    }

    int readShort() {
        return (readByte() & 0xff) << 8 | (readByte() & 0xff);
    }

    int readInt() {
        return readShort() << 16 | readShort();
    }

    long readLong() {
        return (readInt() & 0xffffffffL) << 32 | (readInt() & 0xffffffffL);
    }

    String readText() {
        int start = at;
        while (bytes[at] != 0) {
            at++;
        }
        return new String(bytes, start, at++ - start, StandardCharsets.UTF_8);
    }
}
