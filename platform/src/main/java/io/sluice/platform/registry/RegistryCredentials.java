package io.sluice.platform.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Who we are to the registry. Prints no secret. */
public sealed interface RegistryCredentials {

    /** The value of the Authorization header. */
    Optional<String> header();

    /** The text without the secret, should a server have echoed it. */
    String redact(String text);

    static RegistryCredentials none() {
        return new None();
    }

    record None() implements RegistryCredentials {
        @Override
        public Optional<String> header() {
            return Optional.empty();
        }

        @Override
        public String redact(String text) {
            return text;
        }
    }

    record Basic(String user, String password) implements RegistryCredentials {

        public Basic {
            if (user.isEmpty() || user.indexOf(':') >= 0) {
                throw new IllegalArgumentException(
                        "a user name for basic authentication needs a character and no colon");
            }
        }

        private String encoded() {
            return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Optional<String> header() {
            return Optional.of("Basic " + encoded());
        }

        @Override
        public String redact(String text) {
            String redacted = text.replace(encoded(), "***");
            return password.isEmpty() ? redacted : redacted.replace(password, "***");
        }

        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    record Bearer(String token) implements RegistryCredentials {

        public Bearer {
            // The HTTP client would refuse it too, but quote it.
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IllegalArgumentException("a bearer token is printable ASCII without blanks");
            }
        }

        @Override
        public Optional<String> header() {
            return Optional.of("Bearer " + token);
        }

        @Override
        public String redact(String text) {
            return text.replace(token, "***");
        }

        @Override
        public String toString() {
            return "Bearer[]";
        }
    }
}
