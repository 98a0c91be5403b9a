package io.sluice.schemas.codec;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The texts that headers are made of. */
final class HeaderText {

    private HeaderText() {}

    static Position position(String text) throws MalformedRecordException {
        int first = text.indexOf('/');
        int second = text.indexOf('/', first + 1);
        if (first < 0 || second < 0) {
            throw new MalformedRecordException("its position is misspelt");
        }
        try {
            return new Position(
                    Integer.parseInt(text, 0, first, 10),
                    Long.parseUnsignedLong(text, first + 1, second, 16),
                    Long.parseLong(text, second + 1, text.length(), 10));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its position is misspelt");
        }
    }

    static byte[] of(Origin origin) {
        return ascii(origin.topic() + "/" + origin.partition() + "/" + origin.offset() + "/" + origin.part());
    }

    static Origin origin(String text) throws MalformedRecordException {
        String[] parts = text.split("/", -1);
        if (parts.length != 4) {
            throw new MalformedRecordException("its origin is misspelt");
        }
        return new Origin(parts[0], (int) number(parts[1], 10), number(parts[2], 10), (int) number(parts[3], 10));
    }

    static String required(Function<String, byte @Nullable []> headers, String name) throws MalformedRecordException {
        byte[] value = headers.apply(name);
        if (value == null) {
            throw new MalformedRecordException("it has no header " + name);
        }
        return text(value);
    }

    static long number(String text, int radix) throws MalformedRecordException {
        try {
            return Long.parseLong(text, radix);
        } catch (NumberFormatException e) {
            throw new MalformedRecordException("a header that should be a number is not");
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] value) {
        return new String(value, StandardCharsets.ISO_8859_1);
    }
}
