package io.sluice.control.reconcile;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Key;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key whose parts are canonical, so that it is the same whichever side it was read on. */
record RowKey(List<@Nullable Object> parts) {

    RowKey {
        parts = Collections.unmodifiableList(parts);
    }

    /** A key in the types of its own table. */
    static RowKey of(Key key) {
        List<@Nullable Object> parts = new ArrayList<>(key.size());
        for (int i = 0; i < key.size(); i++) {
            parts.add(Canonical.of(key.schema().column(i).type(), key.part(i)));
        }
        return new RowKey(parts);
    }

    /** The same for the same key, in every run and on every machine. */
    long hash() {
        return ByteBuffer.wrap(digest()).getLong();
    }

    /** Names the row without telling its key. */
    String id() {
        return HexFormat.of().formatHex(digest(), 0, Long.BYTES);
    }

    private byte[] digest() {
        MessageDigest digest = sha256();
        for (Object part : parts) {
            byte[] bytes = part instanceof Bytes raw
                    ? raw.unsafeArray()
                    : String.valueOf(part).getBytes(StandardCharsets.UTF_8);
            char kind = part == null ? '0' : part.getClass().getSimpleName().charAt(0);
            // With its length, or ("a", "bc") and ("ab", "c") would be one.
            digest.update(ByteBuffer.allocate(Character.BYTES + Integer.BYTES)
                    .putChar(kind)
                    .putInt(bytes.length)
                    .flip());
            digest.update(bytes);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
