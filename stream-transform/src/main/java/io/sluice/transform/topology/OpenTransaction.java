package io.sluice.transform.topology;

import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A transaction of which the begin was read, and not yet the end.
 *
 * @param changes how many were read of it
 * @param rows how many records were made of these
 */
record OpenTransaction(TransactionMarker begin, long changes, long rows) {

    static OpenTransaction begun(TransactionMarker begin) {
        return new OpenTransaction(begin, 0, 0);
    }

    OpenTransaction with(int more) {
        return new OpenTransaction(begin, changes + 1, rows + more);
    }

    boolean isEndedBy(TransactionMarker end) {
        return begin.transaction().equals(end.transaction()) && begin.commitTimeMicros() == end.commitTimeMicros();
    }

    byte[] stored() {
        byte[] name = begin.transaction().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + 5 * Long.BYTES + name.length)
                .putInt(begin.position().epoch())
                .putLong(begin.position().boundary())
                .putLong(begin.position().order())
                .putLong(begin.commitTimeMicros())
                .putLong(changes)
                .putLong(rows)
                .put(name)
                .array();
    }

    static OpenTransaction read(byte[] stored) {
        ByteBuffer from = ByteBuffer.wrap(stored);
        Position position = new Position(from.getInt(), from.getLong(), from.getLong());
        long committedAt = from.getLong();
        long changes = from.getLong();
        long rows = from.getLong();
        byte[] name = new byte[from.remaining()];
        from.get(name);
        return new OpenTransaction(
                TransactionMarker.begin(new String(name, StandardCharsets.UTF_8), position, committedAt),
                changes,
                rows);
    }
}
