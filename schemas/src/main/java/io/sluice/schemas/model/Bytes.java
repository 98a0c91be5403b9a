package io.sluice.schemas.model;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable run of bytes that compares by content. */
public final class Bytes {

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** Takes the array over; the caller must not write to it again. */
    public static Bytes wrap(byte[] content) {
        return new Bytes(content);
    }

    public int length() {
        return content.length;
    }

    /** The content itself, for reading only: no copy is made on the hot path. */
    public byte[] unsafeArray() {
        return content;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /** Hexadecimal, for tests; never log it, for it is row data. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(content);
    }
}
