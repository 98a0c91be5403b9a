package io.sluice.transform.topology;

import io.sluice.schemas.model.Bytes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A change that waits until an earlier one of its key has gone through, its bytes as they were. Its headers are in its letter:
 * mapping asks for none.
 */
record ParkedRecord(Bytes key, @Nullable Bytes value) {

    private static final int NO_VALUE = -1;

    int size() {
        return key.length() + (value == null ? 0 : value.length());
    }

    byte[] stored() {
        ByteBuffer stored = ByteBuffer.allocate(2 * Integer.BYTES + size())
                .putInt(key.length())
                .put(key.unsafeArray())
                .putInt(value == null ? NO_VALUE : value.length());
        return value == null ? stored.array() : stored.put(value.unsafeArray()).array();
    }

    static ParkedRecord read(byte[] stored) {
        ByteBuffer from = ByteBuffer.wrap(stored);
        Bytes key = bytes(from, from.getInt());
        int length = from.getInt();
        return new ParkedRecord(key, length == NO_VALUE ? null : bytes(from, length));
    }

    private static Bytes bytes(ByteBuffer from, int length) {
        byte[] content = new byte[length];
        from.get(content);
        return Bytes.wrap(content);
    }
}
