package io.sluice.schemas.pipeline;

import java.util.Objects;
import java.util.Optional;

/**
 * How a connection is encrypted.
 *
 * @param mode empty: as the URL says, and the driver's default where it says nothing
 * @param ca PEM file of the authorities to trust; empty: the system's
 * @param cert PEM file of our own certificate chain
 * @param key PEM file of its private key
 */
public record TlsSpec(
        Optional<Mode> mode,
        Optional<String> ca,
        Optional<String> cert,
        Optional<String> key,
        Optional<Secret> keyPassword) {

    public static final TlsSpec AS_THE_URL_SAYS =
            new TlsSpec(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public TlsSpec {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(ca, "ca");
        Objects.requireNonNull(cert, "cert");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(keyPassword, "keyPassword");
    }

    /** From no encryption to a proven server. */
    public enum Mode {
        DISABLE,
        /** Encrypted, the server unproven. */
        REQUIRE,
        /** The server's certificate comes from a trusted authority. */
        VERIFY_CA,
        /** And it is made out to the host we call. */
        VERIFY_FULL
    }
}
