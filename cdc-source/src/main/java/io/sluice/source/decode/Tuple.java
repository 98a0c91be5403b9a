package io.sluice.source.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where the values of one row lie in a chunk. Filled anew for each row; valid until the next.
 */
final class Tuple {

    static final int NULL = -1;
    static final int UNCHANGED = -2;

    private byte[] bytes = new byte[0];
    private int[] from = new int[16];
    private int[] lengths = new int[16];
    private int count;

    void read(LogCursor in) {
        bytes = in.bytes();
        count = in.readShort();
        if (from.length < count) {
            from = new int[count];
            lengths = new int[count];
        }
        for (int i = 0; i < count; i++) {
            int kind = in.readByte();
            switch (kind) {
                case 'n' -> lengths[i] = NULL;
                case 'u' -> lengths[i] = UNCHANGED;
                case 't' -> {
                    lengths[i] = in.readInt();
                    from[i] = in.position();
                    in.skip(lengths[i]);
                }
                default -> throw new IllegalStateException("the log holds a value of unknown kind " + kind);
            }
        }
    }

    int count() {
        return count;
    }

    byte[] bytes() {
        return bytes;
    }

    int from(int column) {
        return from[column];
    }

    /** In bytes, or {@link #NULL} or {@link #UNCHANGED}. */
    int length(int column) {
        return lengths[column];
    }

    String text(int column) {
        return new String(bytes, from[column], lengths[column], StandardCharsets.UTF_8);
    }

    /** Whether both have the same text there: then they are the same value. */
    boolean sameText(int column, Tuple other) {
        int length = lengths[column];
        if (length != other.lengths[column]) {
            return false;
        }
        return length <= 0
                || Arrays.equals(
                        bytes,
                        from[column],
                        from[column] + length,
                        other.bytes,
                        other.from[column],
                        other.from[column] + length);
    }
}
