package io.sluice.schemas.pipeline;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to reach a database.
 *
 * @param url as written: {@code postgresql://…}, {@code jdbc:postgresql://…} or {@code mongodb://…}
 * @param user overrides the URL's
 * @param password overrides the URL's
 * @param maxConnections the most connections that one process opens; empty: as many as the stage's work needs
 */
public record ConnectionSpec(
        Secret url,
        Optional<String> user,
        Optional<Secret> password,
        TlsSpec tls,
        Duration connectTimeout,
        OptionalInt maxConnections,
        Place place) {

    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    public ConnectionSpec {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(maxConnections, "maxConnections");
        Objects.requireNonNull(place, "place");
    }

    public static ConnectionSpec to(String url) {
        return new ConnectionSpec(
                Secret.of(url),
                Optional.empty(),
                Optional.empty(),
                TlsSpec.AS_THE_URL_SAYS,
                DEFAULT_CONNECT_TIMEOUT,
                OptionalInt.empty(),
                Place.NOWHERE);
    }

    /** {@code host:port/database} for a message: the URL without user, password and parameters. */
    public String address() {
        String text = url.reveal();
        int scheme = text.indexOf("://");
        String rest = scheme < 0 ? text : text.substring(scheme + 3);
        // The last @: a password may hold one that nobody escaped, or a ?, and none of it may show.
        rest = rest.substring(rest.lastIndexOf('@') + 1);
        int query = rest.indexOf('?');
        return query < 0 ? rest : rest.substring(0, query);
    }
}
