package io.sluice.platform.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.connection.ClusterDescription;
import com.mongodb.connection.ClusterType;
import com.mongodb.connection.ServerDescription;
import com.mongodb.selector.ServerSelector;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Opens clients of one MongoDB replica set or sharded cluster. Connects only when asked to. */
public final class MongoConnector {

    private static final int READ_TIMEOUT_MILLIS = 60_000;
    private static final int MAX_CONNECTIONS = 16;

    private final ConnectionString uri;
    private final ConnectionSpec spec;
    private final String applicationName;

    private MongoConnector(ConnectionString uri, ConnectionSpec spec, String applicationName) {
        this.uri = uri;
        this.spec = spec;
        this.applicationName = applicationName;
    }

    /**
     * Reads the address; connects to nothing, apart from the look-up that {@code mongodb+srv} needs.
     *
     * @param applicationName how the connections show in {@code db.currentOp()}
     * @throws BadInputException if the URI can't be read
     */
    public static MongoConnector of(ConnectionSpec spec, String applicationName) {
        try {
            return new MongoConnector(new ConnectionString(withLogin(spec)), spec, applicationName);
        } catch (IllegalArgumentException | MongoException e) {
            // Its message may repeat what stands there, a password too.
            throw new BadInputException(
                    "DATABASE_URL",
                    "the URI of the database can't be read",
                    spec.place().toString(),
                    "Write mongodb://user@host:27017/?replicaSet=name, and special characters of user and password"
                            + " percent-encoded.");
        }
    }

    /** The URI with the user and password that are given beside it. */
    private static String withLogin(ConnectionSpec spec) {
        String text = spec.url().reveal();
        if (spec.user().isEmpty() && spec.password().isEmpty()) {
            return text;
        }
        int start = text.indexOf("://") + 3;
        int at = text.lastIndexOf('@');
        String login = at < start ? "" : text.substring(start, at);
        String[] parts = login.split(":", 2);
        String user = spec.user().map(MongoConnector::encoded).orElse(parts[0]);
        String password = spec.password()
                .map(Secret::reveal)
                .map(MongoConnector::encoded)
                .orElse(parts.length > 1 ? parts[1] : "");
        return text.substring(0, start) + user + (password.isEmpty() ? "" : ":" + password) + "@"
                + text.substring(at < start ? start : at + 1);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A new client; the caller closes it. */
    public MongoClient open() {
        int connectMillis =
                (int) Math.min(Integer.MAX_VALUE, spec.connectTimeout().toMillis());
        MongoClientSettings.Builder settings = MongoClientSettings.builder()
                .applicationName(applicationName.substring(0, Math.min(128, applicationName.length())))
                .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(connectMillis, TimeUnit.MILLISECONDS)
                        .serverSelector(new SameRouter()))
                .applyToSocketSettings(socket -> socket.connectTimeout(connectMillis, TimeUnit.MILLISECONDS)
                        .readTimeout(READ_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS))
                .applyToConnectionPoolSettings(
                        pool -> pool.maxSize(spec.maxConnections().orElse(MAX_CONNECTIONS)))
                .applyConnectionString(uri);
        MongoTls.apply(spec.tls(), settings);
        return MongoClients.create(settings.build());
    }

    /** Whether a balancer stands between us and the cluster: it may hand each command to another server. */
    public boolean isLoadBalanced() {
        return Boolean.TRUE.equals(uri.isLoadBalanced());
    }

    /** Where it is, without user, password and options: for messages. */
    public String address() {
        return spec.address();
    }

    /** The user that logs in, or a word for nobody. */
    public String user() {
        String name = uri.getCredential() == null ? null : uri.getCredential().getUserName();
        return name == null ? "(nobody)" : name;
    }

    /** What to report when the database can't be used. */
    public EnvironmentException unreachable(MongoException cause) {
        return new EnvironmentException(
                "DATABASE_UNAVAILABLE",
                "the database can't be used (" + cause.getClass().getSimpleName()
                        + (cause.getCode() > 0 ? ", error " + cause.getCode() : "") + ")",
                address(),
                "Check that the server runs and can be reached, and that user, password and TLS settings are right.",
                cause);
    }

    @Override
    public String toString() {
        return "MongoDB at " + address();
    }

    /** Cursors live in one router of a sharded cluster; so all commands of a client go to the same as long as it is there. */
    private static final class SameRouter implements ServerSelector {

        private final AtomicReference<@Nullable ServerAddress> chosen = new AtomicReference<>();

        @Override
        public List<ServerDescription> select(ClusterDescription cluster) {
            List<ServerDescription> servers = cluster.getServerDescriptions().stream()
                    .filter(ServerDescription::isOk)
                    .toList();
            if (cluster.getType() != ClusterType.SHARDED || servers.isEmpty()) {
                return cluster.getServerDescriptions();
            }
            ServerAddress before = chosen.get();
            ServerDescription same = servers.stream()
                    .filter(server -> server.getAddress().equals(before))
                    .findFirst()
                    .orElse(servers.get(0));
            chosen.set(same.getAddress());
            return List.of(same);
        }
    }
}
