package io.sluice.schemas.codec;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spells any identifier as an Avro name, reversibly: a character that Avro forbids becomes {@code _x}, its code point in
 * hexadecimal, {@code _}; and so does an underscore that would read as the beginning of such a spelling.
 */
public final class AvroNames {

    private static final Pattern ESCAPED = Pattern.compile("_x([0-9a-f]+)_");

    private AvroNames() {}

    /** A record or field name. */
    public static String name(String identifier) {
        if (identifier.isEmpty()) {
            throw new IllegalArgumentException("an identifier has at least one character");
        }
        StringBuilder name = new StringBuilder(identifier.length() + 8);
        for (int i = 0; i < identifier.length(); ) {
            int c = identifier.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean readsAsEscape = c == '_' && next < identifier.length() && identifier.charAt(next) == 'x';
            boolean allowed = isLetter(c) || (i > 0 && c >= '0' && c <= '9') || (c == '_' && !readsAsEscape);
            if (allowed) {
                name.append((char) c);
            } else {
                name.append("_x").append(Integer.toHexString(c)).append('_');
            }
            i = next;
        }
        return name.toString();
    }

    /** The identifier that is spelt so. */
    public static String identifier(String name) {
        Matcher escaped = ESCAPED.matcher(name);
        StringBuilder identifier = new StringBuilder(name.length());
        int done = 0;
        while (escaped.find()) {
            identifier.append(name, done, escaped.start());
            identifier.appendCodePoint(Integer.parseInt(escaped.group(1), 16));
            done = escaped.end();
        }
        return identifier.append(name, done, name.length()).toString();
    }

    /** A namespace of these parts. */
    public static String namespace(String... parts) {
        StringBuilder namespace = new StringBuilder();
        for (String part : parts) {
            namespace.append(namespace.isEmpty() ? "" : ".").append(name(part.replace('-', '_')));
        }
        return namespace.toString();
    }

    private static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
