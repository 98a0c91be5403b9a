package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What every connection to a database may say. */
final class ConnectionPart {

    static final Key<TlsSpec.Mode> MODE = Key.optional(
            "mode",
            Types.oneOf(List.of(TlsSpec.Mode.values())),
            "verify-full where `ca` is given, else as the URL says",
            "How much of the server is proven.");
    static final Key<String> CA =
            Key.optional("ca", Types.path(), "the system's", "PEM file of the authorities to trust.");
    static final Key<String> CERT =
            Key.optional("cert", Types.path(), "none", "PEM file of our own certificate chain.");
    static final Key<String> KEY =
            Key.optional("key", Types.path(), "none", "PEM file of the certificate's private key.");
    static final Key<Secret> KEY_PASSWORD =
            Key.optional("key-password", Types.secret("a password"), "none", "The private key's password.");
    static final Shape TLS =
            new Shape("tls", "How a connection is encrypted.", List.of(MODE, CA, CERT, KEY, KEY_PASSWORD));

    static final Key<String> USER = Key.optional("user", Types.setting("a user"), "the URL's", "Who logs in.");
    static final Key<Secret> PASSWORD = Key.optional(
            "password",
            Types.secret("a password"),
            "the URL's",
            "Taken from the environment or a file, never written out.");
    static final Key<Section> TLS_KEY = Key.optional("tls", TLS, "as the URL says", "Encryption and certificates.");
    static final Key<Duration> CONNECT_TIMEOUT = Key.optional(
            "connect-timeout",
            Types.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            Types.show(ConnectionSpec.DEFAULT_CONNECT_TIMEOUT),
            "How long one attempt to connect may take.");
    static final Key<Integer> MAX_CONNECTIONS = Key.optional(
            "max-connections",
            Types.whole(1, 1000),
            "as many as the stage's work needs",
            "The most connections that one process opens.");

    static final List<Key<?>> KEYS = List.of(USER, PASSWORD, TLS_KEY, CONNECT_TIMEOUT, MAX_CONNECTIONS);

    private ConnectionPart() {}

    static ConnectionSpec read(Section section, Secret url, Place place) {
        return new ConnectionSpec(
                url,
                section.get(USER),
                section.get(PASSWORD),
                section.get(TLS_KEY).map(ConnectionPart::tls).orElse(TlsSpec.AS_THE_URL_SAYS),
                section.get(CONNECT_TIMEOUT).orElse(ConnectionSpec.DEFAULT_CONNECT_TIMEOUT),
                section.get(MAX_CONNECTIONS).map(OptionalInt::of).orElse(OptionalInt.empty()),
                place);
    }

    static TlsSpec tls(Section section) {
        Optional<TlsSpec.Mode> mode = section.get(MODE);
        boolean proves = mode.isEmpty() || mode.get().compareTo(TlsSpec.Mode.VERIFY_CA) >= 0;
        if (section.sets(CA) && !proves) {
            section.problem(CA, "proves nothing with mode " + Types.show(mode.get()), "use mode: verify-full");
        }
        if (mode.equals(Optional.of(TlsSpec.Mode.DISABLE)) && section.sets(CERT)) {
            section.problem(CERT, "is not used with mode disable", "leave it out, or use mode: verify-full");
        }
        if (section.sets(KEY) && !section.sets(CERT)) {
            section.problem(KEY, "is a key without a certificate", "name the certificate's file under cert");
        }
        if (section.sets(CERT) && !section.sets(KEY)) {
            section.problem(CERT, "is a certificate without a key", "name the private key's file under key");
        }
        if (section.sets(KEY_PASSWORD) && !section.sets(KEY)) {
            section.problem(KEY_PASSWORD, "is a password without a key", "name the key's file under key");
        }
        return new TlsSpec(
                mode.isEmpty() && section.sets(CA) ? Optional.of(TlsSpec.Mode.VERIFY_FULL) : mode,
                section.get(CA),
                section.get(CERT),
                section.get(KEY),
                section.get(KEY_PASSWORD));
    }
}
