package io.sluice.schemas.pipeline;

import java.net.URI;
import java.util.List;
import java.util.Objects;

/**
 * The Schema Registry.
 *
 * @param urls tried in this order; none carries a user or a password
 */
public record RegistrySpec(List<URI> urls, Auth auth, TlsSpec tls, Place place) {

    public RegistrySpec {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("a registry has an address");
        }
        Objects.requireNonNull(auth, "auth");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(place, "place");
    }

    public static RegistrySpec at(URI url) {
        return new RegistrySpec(List.of(url), new Auth.None(), TlsSpec.AS_THE_URL_SAYS, Place.NOWHERE);
    }

    /** How we show who we are. */
    public sealed interface Auth {

        /** Not at all. */
        record None() implements Auth {}

        /** By name and password. */
        record Basic(String user, Secret password) implements Auth {

            public Basic {
                Objects.requireNonNull(user, "user");
                Objects.requireNonNull(password, "password");
            }
        }

        /** By a token. */
        record Bearer(Secret token) implements Auth {

            public Bearer {
                Objects.requireNonNull(token, "token");
            }
        }
    }
}
