package io.sluice.transform.mapping.value;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Texts that a target can hold, and texts of other values. */
final class Texts {

    private static final int UUID_LENGTH = 36;

    private Texts() {}

    /** PostgreSQL has every character but one. */
    static String storable(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new UnfitValueException("a text holds the character U+0000, which PostgreSQL can't store");
        }
        return text;
    }

    static String fitting(String text, @Nullable Integer limit) {
        if (limit != null && text.length() > limit && text.codePointCount(0, text.length()) > limit) {
            throw new UnfitValueException("a text is longer than " + limit + " characters");
        }
        return storable(text);
    }

    static UUID uuid(String text) {
        if (text.length() == UUID_LENGTH) {
            try {
                UUID uuid = UUID.fromString(text);
                // Java takes short groups too.
                if (uuid.toString().equalsIgnoreCase(text)) {
                    return uuid;
                }
            } catch (IllegalArgumentException e) {
                // As any other text that is none.
            }
        }
        throw new UnfitValueException("a text is no UUID");
    }

    static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UnfitValueException("a text is neither true nor false");
        };
    }
}
