package io.sluice.schemas.topic;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The reversible spelling of any text in the characters that a topic name may have.
 *
 * <p>Letters, digits and (in a table's own part) {@code _} stand for themselves; every other byte of the UTF-8 form is
 * {@code -} and two hexadecimal digits. So {@code -} and {@code .} never occur bare, and stay free as separators.
 */
final class NamePart {

    private static final HexFormat HEX = HexFormat.of();

    private NamePart() {}

    /**
     * Spells a part that another part follows: without {@code _}, which Kafka's metrics can't tell from the separator.
     */
    static String inner(String text) {
        return escape(text, false);
    }

    /** Spells the last part of a name. */
    static String last(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean keepUnderscore) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (isPlain(c) || (c == '_' && keepUnderscore)) {
                escaped.append(c);
            } else {
                escaped.append('-');
                HEX.toHexDigits(escaped, b);
            }
        }
        return escaped.toString();
    }

    /**
     * The text that was spelt so.
     *
     * @throws IllegalArgumentException if nothing is spelt so
     */
    static String unescape(String part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(part.length());
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '-') {
                if (i + 2 >= part.length()) {
                    throw new IllegalArgumentException("a lone - in " + part);
                }
                bytes.write(HexFormat.fromHexDigits(part, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("no UTF-8 in " + part, e);
        }
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
