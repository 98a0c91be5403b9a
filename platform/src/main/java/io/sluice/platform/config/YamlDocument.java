package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Turns bytes into a located tree, or into the one problem that stands in the way. */
final class YamlDocument {

    private YamlDocument() {}

    static Optional<YamlNode> read(byte[] bytes, String file, YamlLimits limits, Problems problems) {
        try {
            if (bytes.length > limits.bytes()) {
                throw new Unreadable(
                        "is larger than " + limits.bytes() / 1024 + " KiB",
                        "a pipeline file is small: is this the right one?");
            }
            String text = decode(bytes, file);
            return Optional.of(new YamlTree(file, limits, problems).read(text));
        } catch (Unreadable problem) {
            problems.add(problem.place().orElse(Place.ofFile(file)), "", problem.what(), problem.suggestion());
            return Optional.empty();
        }
    }

    private static String decode(byte[] bytes, String file) throws Unreadable {
        if (startsWith(bytes, 0xFE, 0xFF) || startsWith(bytes, 0xFF, 0xFE)) {
            throw new Unreadable("is UTF-16", "save it as UTF-8");
        }
        CharBuffer chars = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), chars, true);
        chars.flip();
        if (result.isError()) {
            throw new Unreadable("is not UTF-8 from here on", "save it as UTF-8", endOf(chars, file));
        }
        // Some editors begin UTF-8 files with a byte order mark; it says nothing here.
        if (chars.hasRemaining() && chars.charAt(0) == '\uFEFF') {
            chars.get();
        }
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == '\u007F' || c >= '\uFFFE') {
                throw new Unreadable(
                        "holds the control character U+%04X".formatted((int) c),
                        "take it out",
                        endOf(chars.subSequence(0, i), file));
            }
        }
        return chars.toString();
    }

    private static boolean startsWith(byte[] bytes, int first, int second) {
        return bytes.length >= 2 && (bytes[0] & 0xFF) == first && (bytes[1] & 0xFF) == second;
    }

    private static Place endOf(CharSequence before, String file) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < before.length(); i++) {
            if (before.charAt(i) == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
        return new Place(file, line, column);
    }
}
