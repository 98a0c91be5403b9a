package io.sluice.transform.topology;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the rows that one source row became in one target table, as they are remembered: sorted, and each without what it
 * shares with the one before it. Siblings mostly share their parent's key, so a child takes a few bytes.
 *
 * <p>Layout: the format (1 byte), the id of the keys' schema (4), and for each key how many bytes it shares, how many follow, and
 * these, both numbers in groups of seven bits, the lowest first.
 */
final class ChildKeys {

    /** A record's zero byte and schema id: they are the same in all keys, and no part of what tells keys apart. */
    private static final int PREFIX = 5;

    private static final byte FORMAT = 1;

    private ChildKeys() {}

    /**
     * What is remembered of these keys; null if there are none. Equal keys in any order give equal bytes.
     *
     * @param keys as they stand in records, all of one schema; the list is put in order
     */
    static byte @Nullable [] encode(List<byte[]> keys) {
        if (keys.isEmpty()) {
            return null;
        }
        keys.sort(Arrays::compareUnsigned);
        byte[] last = keys.get(0);
        ByteArrayOutputStream out = new ByteArrayOutputStream(16 + 8 * keys.size());
        out.write(FORMAT);
        out.write(last, 1, PREFIX - 1);
        int shared = PREFIX;
        for (byte[] key : keys) {
            if (key != last) {
                shared = Arrays.mismatch(last, key);
            }
            writeNumber(out, shared - PREFIX);
            writeNumber(out, key.length - shared);
            out.write(key, shared, key.length - shared);
            last = key;
        }
        return out.toByteArray();
    }

    private static void writeNumber(ByteArrayOutputStream out, int number) {
        int rest = number;
        while (rest > 0x7f) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** The keys that were remembered and are not there now, as they stood in records. */
    static List<byte[]> gone(byte @Nullable [] before, byte @Nullable [] now) {
        List<byte[]> gone = new ArrayList<>();
        Cursor old = new Cursor(before);
        Cursor present = new Cursor(now);
        boolean more = present.next();
        while (old.next()) {
            while (more && present.compareTo(old) < 0) {
                more = present.next();
            }
            if (!more || present.compareTo(old) != 0) {
                gone.add(old.key());
            }
        }
        return gone;
    }

    /** Goes through what is remembered, key by key. */
    private static final class Cursor {

        private final byte[] entry;
        private int at = PREFIX;
        private byte[] key = new byte[64];
        private int length = PREFIX;

        Cursor(byte @Nullable [] entry) {
            this.entry = entry == null ? new byte[PREFIX] : entry;
            if (entry != null && (entry.length < PREFIX || entry[0] != FORMAT)) {
                throw new IllegalStateException("a later version wrote what is remembered of split rows");
            }
            System.arraycopy(this.entry, 1, key, 1, PREFIX - 1);
        }

        boolean next() {
            if (at == entry.length) {
                return false;
            }
            int shared = PREFIX + number();
            int more = number();
            if (key.length < shared + more) {
                key = Arrays.copyOf(key, Math.max(shared + more, 2 * key.length));
            }
            System.arraycopy(entry, at, key, shared, more);
            at += more;
            length = shared + more;
            return true;
        }

        private int number() {
            int number = 0;
            for (int shift = 0; ; shift += 7) {
                byte group = entry[at++];
                number |= (group & 0x7f) << shift;
                if (group >= 0) {
                    return number;
                }
            }
        }

        /** By what tells keys apart: the id of the same schema may have changed. */
        int compareTo(Cursor other) {
            return Arrays.compareUnsigned(key, PREFIX, length, other.key, PREFIX, other.length);
        }

        byte[] key() {
            return Arrays.copyOf(key, length);
        }
    }
}
