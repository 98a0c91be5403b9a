package io.sluice.localstack.testing;

import java.util.Locale;
import java.util.UUID;

/** Names that no other test uses, in this JVM or another. */
final class UniqueName {

    /** Together with the random part, well within what every server allows. */
    private static final int MAX_PREFIX = 40;

    private UniqueName() {}

    static String from(String name, char separator) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", String.valueOf(separator));
        String prefix = plain.substring(0, Math.min(plain.length(), MAX_PREFIX));
        return prefix + separator + UUID.randomUUID().toString().substring(24);
    }
}
