package io.sluice.platform.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How we know a server, and how it knows us, where the JDK's own trust is not enough.
 *
 * @param trust null for the certificate authorities of the JDK
 * @param identity null for no client certificate
 */
public record TlsFiles(@Nullable Trust trust, @Nullable Identity identity) {

    /** Whom we trust. */
    public sealed interface Trust {}

    /** What we present. */
    public sealed interface Identity {}

    /**
     * A JKS or PKCS#12 file.
     *
     * @param password of the file and its keys; null where it has none
     */
    public record StoreFile(Path path, String type, @Nullable String password) implements Trust, Identity {
        @Override
        public String toString() {
            return "StoreFile[path=" + path + ", type=" + type + "]";
        }
    }

    /** Whoever answers: encrypted, and unproven. Only where the user asks for that. */
    public record Anyone() implements Trust {}

    /** Certificates of authorities, one after the other. */
    public record PemAuthorities(Path path) implements Trust {}

    /**
     * @param certificateChain our certificate first
     * @param privateKey PKCS#8
     * @param password null where the key isn't encrypted
     */
    public record PemIdentity(Path certificateChain, Path privateKey, @Nullable String password) implements Identity {
        @Override
        public String toString() {
            return "PemIdentity[certificateChain=" + certificateChain + ", privateKey=" + privateKey + "]";
        }
    }
}
