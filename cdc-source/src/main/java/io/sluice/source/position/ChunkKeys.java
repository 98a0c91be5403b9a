package io.sluice.source.position;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Keys of one table as bytes: each as it stands in the change topic, with its length before it. */
public final class ChunkKeys {

    private final TableId table;
    private final RowSchema row;

    public ChunkKeys(TableId table, RowSchema row) {
        this.table = table;
        this.row = row;
    }

    public byte[] write(Collection<Key> keys) {
        KeyEncoder encoder = new KeyEncoder(row.keySchema(), ChangeSchemas.namespace(table), 0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Key key : keys) {
                byte[] encoded = encoder.encode(key);
                out.writeInt(encoded.length);
                out.write(encoded);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public Set<Key> read(byte[] stored) {
        try {
            KeyDecoder decoder = new KeyDecoder(ChangeSchemas.key(table, row));
            ByteBuffer in = ByteBuffer.wrap(stored);
            Set<Key> keys = new HashSet<>();
            while (in.hasRemaining()) {
                int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
                if (length < 0 || length > in.remaining()) {
                    throw new MalformedRecordException("it is cut short");
                }
                byte[] key = new byte[length];
                in.get(key);
                keys.add(decoder.decode(key));
            }
            return keys;
        } catch (MalformedRecordException e) {
            throw new HaltException(
                    "SOURCE_STATE_CORRUPT",
                    "the state topic holds keys that can't be read: " + e.getMessage(),
                    "table " + table,
                    "If nobody wrote there by hand, start a new epoch with `sluice run FILE --new-epoch "
                            + table.source() + "`.");
        }
    }
}
