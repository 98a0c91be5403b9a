package io.sluice.transform.topology;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A load of a table of which this partition has seen the begin.
 *
 * @param beganAt the offset of its begin
 * @param lost changes since then that are dead letters and can't be replayed: which keys the load would have shown is not known
 * @param endedAt the offset of its end; beyond all offsets as long as that has not come
 * @param marker its last one
 */
record OpenLoad(long beganAt, long lost, long endedAt, LoadMarker marker) {

    static OpenLoad begun(LoadMarker begin, long offset) {
        return new OpenLoad(offset, 0, Long.MAX_VALUE, begin);
    }

    boolean hasEnded() {
        return endedAt < Long.MAX_VALUE;
    }

    OpenLoad ended(LoadMarker end, long offset) {
        return new OpenLoad(beganAt, lost, offset, end);
    }

    OpenLoad losingOne() {
        return new OpenLoad(beganAt, lost + 1, endedAt, marker);
    }

    byte[] stored() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(beganAt);
            out.writeLong(lost);
            out.writeLong(endedAt);
            out.writeUTF(marker.table().source());
            out.writeUTF(marker.table().schema());
            out.writeUTF(marker.table().table());
            out.writeUTF(marker.load());
            out.writeBoolean(marker.sweep());
            out.writeInt(marker.position().epoch());
            out.writeLong(marker.position().boundary());
            out.writeLong(marker.position().order());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static OpenLoad read(byte[] stored) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored))) {
            long beganAt = in.readLong();
            long lost = in.readLong();
            long endedAt = in.readLong();
            LoadMarker.Kind kind = endedAt < Long.MAX_VALUE ? LoadMarker.Kind.END : LoadMarker.Kind.BEGIN;
            TableId table = new TableId(in.readUTF(), in.readUTF(), in.readUTF());
            return new OpenLoad(
                    beganAt,
                    lost,
                    endedAt,
                    new LoadMarker(
                            kind,
                            table,
                            in.readUTF(),
                            in.readBoolean(),
                            new Position(in.readInt(), in.readLong(), in.readLong()),
                            null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
