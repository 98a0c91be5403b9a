package io.sluice.sink.parking;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** A record's headers as one run of bytes: of each the length of its name, the name, the length of its value or -1, the value. */
final class StoredHeaders {

    private StoredHeaders() {}

    static byte[] write(Headers headers) {
        int size = 0;
        for (Header header : headers) {
            size += 2 * Integer.BYTES + name(header).length + (header.value() == null ? 0 : header.value().length);
        }
        ByteBuffer into = ByteBuffer.allocate(size);
        for (Header header : headers) {
            byte[] name = name(header);
            byte @Nullable [] value = header.value();
            into.putInt(name.length).put(name).putInt(value == null ? -1 : value.length);
            if (value != null) {
                into.put(value);
            }
        }
        return into.array();
    }

    private static byte[] name(Header header) {
        return header.key().getBytes(StandardCharsets.UTF_8);
    }

    static Headers read(byte[] stored) {
        ByteBuffer from = ByteBuffer.wrap(stored);
        Headers headers = new RecordHeaders();
        while (from.hasRemaining()) {
            byte[] name = take(from, from.getInt());
            int length = from.getInt();
            headers.add(new String(name, StandardCharsets.UTF_8), length < 0 ? null : take(from, length));
        }
        return headers;
    }

    private static byte[] take(ByteBuffer from, int length) {
        byte[] taken = new byte[length];
        from.get(taken);
        return taken;
    }
}
