package io.sluice.platform.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens connections to one PostgreSQL database. Connects only when asked to. */
public final class PostgresConnector {

    private static final int DEFAULT_PORT = 5432;
    private static final String JDBC_PREFIX = "jdbc:";

    private final String host;
    private final int port;
    private final String database;
    private final @Nullable String user;
    private final @Nullable Secret password;
    private final Map<String, String> parameters;
    private final ConnectionSpec spec;
    private final String applicationName;

    private PostgresConnector(
            URI uri,
            String database,
            Optional<String> user,
            Optional<Secret> password,
            ConnectionSpec spec,
            String name) {
        this.host = unbracketed(uri.getHost());
        this.port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        this.database = database;
        this.user = user.orElse(null);
        this.password = password.orElse(null);
        this.parameters = parameters(uri.getRawQuery());
        this.spec = spec;
        this.applicationName = name;
    }

    /**
     * Reads the address; connects to nothing.
     *
     * @param applicationName how the connections show in {@code pg_stat_activity}
     * @throws BadInputException if the URL can't be read
     */
    public static PostgresConnector of(ConnectionSpec spec, String applicationName) {
        String text = spec.url().reveal();
        String url = text.startsWith(JDBC_PREFIX) ? text.substring(JDBC_PREFIX.length()) : text;
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw unreadable(spec, e.getReason());
        }
        String path = uri.getPath();
        if (uri.getHost() == null || path == null || path.length() < 2) {
            throw unreadable(spec, "it needs a host and a database");
        }
        Map<String, String> parameters = parameters(uri.getRawQuery());
        Optional<String> userInfo = Optional.ofNullable(uri.getRawUserInfo());
        Optional<String> user = spec.user()
                .or(() -> userInfo.map(info -> decoded(info.split(":", 2)[0])))
                .or(() -> Optional.ofNullable(parameters.get("user")));
        Optional<Secret> password = spec.password()
                .or(() -> userInfo.filter(info -> info.contains(":"))
                        .map(info -> Secret.of(decoded(info.split(":", 2)[1]))))
                .or(() -> Optional.ofNullable(parameters.get("password")).map(Secret::of));
        return new PostgresConnector(uri, path.substring(1), user, password, spec, applicationName);
    }

    private static BadInputException unreadable(ConnectionSpec spec, String why) {
        return new BadInputException(
                "DATABASE_URL",
                "the URL of the database can't be read: " + why,
                spec.place().toString(),
                "Write postgresql://user@host:5432/database, and special characters of user and password percent-encoded.");
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public String database() {
        return database;
    }

    public Optional<String> user() {
        return Optional.ofNullable(user);
    }

    /**
     * The role that connects.
     *
     * @throws BadInputException if the pipeline file does not name it
     */
    public String role() {
        return user().orElseThrow(() -> new BadInputException(
                "DATABASE_URL",
                "the address names no user",
                spec.place().toString(),
                "Write postgresql://user@host:5432/database, or name one under `user:`."));
    }

    public Optional<Secret> password() {
        return Optional.ofNullable(password);
    }

    /** Where it is, without user or password: for messages. */
    public String address() {
        return host + ":" + port + "/" + database;
    }

    /** The driver's settings, with secrets in the clear. */
    public Properties properties() {
        Properties properties = new Properties();
        parameters.forEach((name, value) -> {
            if (!name.equals("user") && !name.equals("password")) {
                properties.setProperty(name, value);
            }
        });
        if (user != null) {
            PGProperty.USER.set(properties, user);
        }
        if (password != null) {
            PGProperty.PASSWORD.set(properties, password.reveal());
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        int seconds = (int) Math.max(1, spec.connectTimeout().toSeconds());
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        // A server that takes the connection and then says nothing is as bad as one that does not take it.
        PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        if (!parameters.containsKey(PGProperty.PREPARE_THRESHOLD.getName())) {
            // A pooler may give each transaction another session, where our names mean nothing or something else.
            // Whoever runs
            // the same statement often, in a session that is surely its own, may prepare.
            PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        }
        tls(spec.tls(), properties);
        return properties;
    }

    private static void tls(TlsSpec tls, Properties properties) {
        tls.mode()
                .ifPresent(mode -> PGProperty.SSL_MODE.set(
                        properties,
                        switch (mode) {
                            case DISABLE -> "disable";
                            case REQUIRE -> "require";
                            case VERIFY_CA -> "verify-ca";
                            case VERIFY_FULL -> "verify-full";
                        }));
        tls.ca().ifPresent(ca -> PGProperty.SSL_ROOT_CERT.set(properties, ca));
        tls.cert().ifPresent(cert -> PGProperty.SSL_CERT.set(properties, cert));
        tls.key().ifPresent(key -> PGProperty.SSL_KEY.set(properties, key));
        tls.keyPassword().ifPresent(password -> PGProperty.SSL_PASSWORD.set(properties, password.reveal()));
        if (!tls.equals(TlsSpec.AS_THE_URL_SAYS)) {
            PGProperty.SSL_FACTORY.set(properties, PostgresTls.class.getName());
        }
    }

    /** The address as the driver takes it, without user, password and parameters. */
    public String jdbcUrl() {
        String at = host.contains(":") ? "[" + host + "]" : host;
        return "jdbc:postgresql://" + at + ":" + port + "/" + encoded(database);
    }

    /** A new connection; the caller closes it. */
    public Connection open() throws SQLException {
        return connect(properties());
    }

    /** A new connection that speaks the replication protocol beside SQL. */
    public Connection openReplication() throws SQLException {
        Properties properties = properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return connect(properties);
    }

    private Connection connect(Properties properties) throws SQLException {
        try {
            Connection connection = new Driver().connect(jdbcUrl(), properties);
            if (connection == null) {
                throw new IllegalStateException("the driver does not take its own URL");
            }
            return connection;
        } catch (SQLException e) {
            for (Throwable each = e.getCause(); each != null; each = each.getCause()) {
                // A file that we can't read is no matter of the server's.
                if (each instanceof SluiceException ours) {
                    throw ours;
                }
            }
            throw e;
        }
    }

    /** A pool of at most so many connections, or as many as the pipeline file allows if that is fewer. */
    public HikariDataSource pool(int mostConnections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(jdbcUrl());
        config.setDataSourceProperties(properties());
        config.setPoolName(applicationName);
        config.setMaximumPoolSize(
                Math.min(mostConnections, spec.maxConnections().orElse(mostConnections)));
        config.setMinimumIdle(0);
        config.setConnectionTimeout(Math.max(250, spec.connectTimeout().toMillis()));
        // The pool must come up while the database is away: who borrows waits and retries.
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** What to report when the database can't be reached. */
    public EnvironmentException unreachable(SQLException cause) {
        ConnectionTrouble trouble = ConnectionTrouble.of(cause, user, database);
        return new EnvironmentException(trouble.code(), trouble.problem(), address(), trouble.remedy(), cause);
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                if (parts.length == 2) {
                    parameters.put(decoded(parts[0]), decoded(parts[1]));
                }
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
        return "PostgreSQL at " + address();
    }
}
