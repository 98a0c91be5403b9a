package io.sluice.platform.postgres;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The decoder of each type, dates and arrays apart. */
final class TextDecoders {

    /** As many digits as a long surely holds. */
    private static final int LONG_DIGITS = 18;

    private TextDecoders() {}

    static TextDecoder of(LogicalType type) {
        if (type instanceof Array array) {
            return new ArrayDecoder(of(array.element()));
        }
        if (type instanceof Numeric) {
            return TextDecoders::numeric;
        }
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> TextDecoders::bool;
                case INT16, INT32 -> (text, from, length) -> (int) number(text, from, length);
                case INT64 -> (text, from, length) -> number(text, from, length);
                case FLOAT32 -> (text, from, length) -> Float.valueOf(ascii(text, from, length));
                case FLOAT64 -> (text, from, length) -> Double.valueOf(ascii(text, from, length));
                case TEXT, JSON, DOCUMENT -> TextDecoders::text;
                case BYTES -> TextDecoders::bytes;
                case UUID -> TextDecoders::uuid;
                case DATE -> TemporalDecoders::date;
                case TIME -> TemporalDecoders::time;
                case TIMESTAMP, TIMESTAMPTZ -> TemporalDecoders::timestamp;
            };
        }
        return TextDecoders::text;
    }

    private static Object bool(byte[] text, int from, int length) {
        if (length != 1 || (text[from] != 't' && text[from] != 'f')) {
            throw misspelt();
        }
        return text[from] == 't';
    }

    static String text(byte[] text, int from, int length) {
        String decoded = new String(text, from, length, StandardCharsets.UTF_8);
        // What is no UTF-8 decodes to U+FFFD; only a text that holds one needs the strict, slower look.
        if (decoded.indexOf('\uFFFD') >= 0) {
            requireUtf8(text, from, length);
        }
        return decoded;
    }

    /** A server does not check what it sends: an old "char", or an extension's type, may hold any byte. */
    private static void requireUtf8(byte[] text, int from, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, from, length));
        } catch (CharacterCodingException e) {
            throw new UnfitTextException("its bytes are no text in UTF-8");
        }
    }

    private static String ascii(byte[] text, int from, int length) {
        return new String(text, from, length, StandardCharsets.ISO_8859_1);
    }

    static long number(byte[] text, int from, int length) {
        int at = from;
        int end = from + length;
        boolean negative = length > 0 && text[at] == '-';
        if (negative) {
            at++;
        }
        if (at == end) {
            throw misspelt();
        }
        // Counts downwards: the least long has no positive counterpart.
        long value = 0;
        for (; at < end; at++) {
            value = value * 10 - digit(text[at]);
        }
        return negative ? value : -value;
    }

    static int digit(byte b) {
        int digit = b - '0';
        if (digit < 0 || digit > 9) {
            throw misspelt();
        }
        return digit;
    }

    static UnfitTextException misspelt() {
        return new UnfitTextException("its text is none of that type");
    }

    private static Object numeric(byte[] text, int from, int length) {
        int at = from;
        int end = from + length;
        boolean negative = text[at] == '-';
        if (negative) {
            at++;
        }
        if (text[at] == 'N') {
            return NumericSpecial.NAN;
        }
        if (text[at] == 'I') {
            return negative ? NumericSpecial.NEGATIVE_INFINITY : NumericSpecial.POSITIVE_INFINITY;
        }
        if (end - at > LONG_DIGITS) {
            return new BigDecimal(ascii(text, from, length));
        }
        long unscaled = 0;
        int scale = 0;
        for (; at < end; at++) {
            if (text[at] == '.') {
                scale = end - at - 1;
            } else {
                unscaled = unscaled * 10 + digit(text[at]);
            }
        }
        return BigDecimal.valueOf(negative ? -unscaled : unscaled, scale);
    }

    private static Object bytes(byte[] text, int from, int length) {
        if (length < 2 || length % 2 != 0 || text[from] != '\\' || text[from + 1] != 'x') {
            throw misspelt();
        }
        byte[] bytes = new byte[length / 2 - 1];
        for (int i = 0, at = from + 2; i < bytes.length; i++, at += 2) {
            bytes[i] = (byte) (hex(text[at]) << 4 | hex(text[at + 1]));
        }
        return Bytes.wrap(bytes);
    }

    private static Object uuid(byte[] text, int from, int length) {
        if (length != 36) {
            throw misspelt();
        }
        long most = 0;
        long least = 0;
        int digits = 0;
        for (int at = from; at < from + length; at++) {
            if (text[at] == '-') {
                continue;
            }
            if (digits++ < 16) {
                most = most << 4 | hex(text[at]);
            } else {
                least = least << 4 | hex(text[at]);
            }
        }
        return new UUID(most, least);
    }

    private static int hex(byte b) {
        int digit = Character.digit(b, 16);
        if (digit < 0) {
            throw misspelt();
        }
        return digit;
    }
}
