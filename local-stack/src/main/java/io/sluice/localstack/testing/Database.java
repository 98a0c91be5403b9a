package io.sluice.localstack.testing;

import io.sluice.localstack.LocalServerException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A database on a test's server, in the ways its address is written.
 *
 * @param options what follows the question mark in an address, or empty
 */
public record Database(String host, int port, String user, String password, String name, String options) {

    private static final int DEFAULT_PORT = 5432;

    /** Reads {@code postgresql://user:password@host:port/database?options}. */
    static Database parse(String variable, String address) {
        try {
            URI uri = new URI(address);
            String login = uri.getRawUserInfo();
            boolean known = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
            if (!known || uri.getHost() == null || login == null) {
                throw malformed(variable);
            }
            int colon = login.indexOf(':');
            String path = uri.getRawPath() == null ? "" : uri.getRawPath();
            return new Database(
                    uri.getHost(),
                    uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                    decoded(colon < 0 ? login : login.substring(0, colon)),
                    colon < 0 ? "" : decoded(login.substring(colon + 1)),
                    path.length() < 2 ? "postgres" : decoded(path.substring(1)),
                    uri.getRawQuery() == null ? "" : uri.getRawQuery());
        } catch (URISyntaxException e) {
            throw malformed(variable);
        }
    }

    /** Without the value: it may hold a password. */
    private static LocalServerException malformed(String variable) {
        return new LocalServerException(variable + " is not of the form postgresql://user:password@host:port/database");
    }

    Database named(String other) {
        return new Database(host, port, user, password, other, options);
    }

    /** As psql and the pipeline file take it. It holds the password. */
    public String url() {
        String login = password.isEmpty() ? encoded(user) : encoded(user) + ":" + encoded(password);
        return "postgresql://" + login + "@" + host + ":" + port + "/" + encoded(name)
                + (options.isEmpty() ? "" : "?" + options);
    }

    /** As JDBC takes it. It holds the password. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + encoded(name) + "?user=" + encoded(user)
                + (password.isEmpty() ? "" : "&password=" + encoded(password))
                + (options.isEmpty() ? "" : "&" + options);
    }

    @Override
    public String toString() {
        return name + " on " + host + ":" + port;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
