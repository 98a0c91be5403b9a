package io.sluice.source.engine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What Sluice's slot and publications are called in the source: lower-case letters, digits and underscores, for a slot's name
 * may have no other, and at most 63 of them.
 */
final class SourceNames {

    private static final int MAX_LENGTH = 63;
    private static final int HASH_BYTES = 6;

    private SourceNames() {}

    static String slot(String pipeline, String source) {
        return name(pipeline, source);
    }

    static String publication(String pipeline, String source, String service) {
        return name(pipeline, source, service);
    }

    /** Two underscores part names in which a hyphen becomes one; where that could be misread a hash tells them apart. */
    private static String name(String... parts) {
        String joined = String.join("\0", parts);
        String name = "sluice_" + String.join("__", parts).replace('-', '_');
        boolean ambiguous = joined.contains("--") || joined.contains("-\0");
        if (!ambiguous && name.length() <= MAX_LENGTH) {
            return name;
        }
        String hash = "_" + HexFormat.of().formatHex(sha256(joined), 0, HASH_BYTES);
        return name.substring(0, Math.min(name.length(), MAX_LENGTH - hash.length())) + hash;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
