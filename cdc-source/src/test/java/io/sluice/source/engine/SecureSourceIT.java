package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.TlsSpec;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes encrypted connections only, and every way not to get in. */
class SecureSourceIT {

    @TempDir
    static Path folder;

    private static Certificates ours;
    private static Certificates theirs;
    private static PostgresServer server;

    @BeforeAll
    static void start() throws Exception {
        ours = new Certificates(folder, "ours");
        theirs = new Certificates(folder, "theirs");
        ours.issue("server", "CN=server", "san=ip:127.0.0.1");
        ours.issue("client", "CN=certified");
        theirs.issue("stranger", "CN=certified");
        // The superuser's plain connections are the test's own.
        Path access = folder.resolve("pg_hba.conf");
        Files.writeString(
                access,
                """
                host    all postgres  127.0.0.1/32 scram-sha-256
                hostssl all certified 127.0.0.1/32 cert
                hostssl all all       127.0.0.1/32 scram-sha-256
                """);
        Map<String, String> settings = new HashMap<>();
        settings.put("ssl", "on");
        settings.put("ssl_cert_file", ours.certificate("server").toString());
        settings.put("ssl_key_file", ours.key("server").toString());
        settings.put("ssl_ca_file", ours.ca().toString());
        settings.put("hba_file", access.toString());
        server = PostgresServer.start(settings);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void theSourceIsReadOverAProvenEncryptedConnection() throws Exception {
        try (Capture capture = capture("proven");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            capture.adjusting(Adjust.connection(spec(role.url(), tls(TlsSpec.Mode.VERIFY_FULL, ours, null))));

            readsAndFollows(capture);
        }
    }

    @Test
    void aClientCertificateLogsIn() throws Exception {
        try (Capture capture = capture("certified")) {
            capture.execute("CREATE ROLE certified LOGIN SUPERUSER REPLICATION");
            capture.adjusting(Adjust.connection(
                    spec(url(capture, "certified"), tls(TlsSpec.Mode.VERIFY_FULL, ours, ours.certificate("client")))));

            readsAndFollows(capture);
            assertThat(capture.query("SELECT count(*) FROM pg_publication")).isEqualTo("1");
        }
    }

    @Test
    void anUnprovenServerIsTakenWhereThatIsAskedFor() throws Exception {
        try (Capture capture = capture("unproven");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            TlsSpec tls = new TlsSpec(
                    Optional.of(TlsSpec.Mode.REQUIRE),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            capture.adjusting(Adjust.connection(spec(role.url(), tls)));

            readsAndFollows(capture);
        }
    }

    @Test
    void aServerThatAnotherAuthorityCertifiedIsRefused() throws Exception {
        try (Capture capture = capture("untrusted");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            waits(
                    capture,
                    spec(role.url(), tls(TlsSpec.Mode.VERIFY_FULL, theirs, null)),
                    "DATABASE_TLS",
                    "the server's certificate does not come from an authority that we trust");
        }
    }

    @Test
    void aServerWhoseCertificateIsForAnotherHostIsRefused() throws Exception {
        try (Capture capture = capture("othername");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            waits(
                    capture,
                    spec(role.url().replace("127.0.0.1", "localhost"), tls(TlsSpec.Mode.VERIFY_FULL, ours, null)),
                    "DATABASE_TLS",
                    "the server's certificate is not for this host");
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityDoesNotLogIn() throws Exception {
        try (Capture capture = capture("stranger")) {
            waits(
                    capture,
                    spec(
                            url(capture, "certified"),
                            new TlsSpec(
                                    Optional.of(TlsSpec.Mode.VERIFY_FULL),
                                    Optional.of(ours.ca().toString()),
                                    Optional.of(theirs.certificate("stranger").toString()),
                                    Optional.of(theirs.key("stranger").toString()),
                                    Optional.empty())),
                    "DATABASE_REFUSES",
                    "the server does not let user certified in from here, or not in this way");
        }
    }

    @Test
    void aMissingAuthorityFileIsNamed() throws Exception {
        try (Capture capture = capture("nofile");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            TlsSpec tls = new TlsSpec(
                    Optional.of(TlsSpec.Mode.VERIFY_FULL),
                    Optional.of(folder.resolve("nowhere.pem").toString()),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            PostgresSource source = capture.adjusting(Adjust.connection(spec(role.url(), tls)))
                    .reading("items")
                    .source();
            source.start();

            SluiceException cause =
                    Objects.requireNonNull(Capture.awaitHalt(source).cause());
            assertThat(cause.code()).isEqualTo("TLS_INVALID");
            assertThat(cause.place()).isEqualTo(folder.resolve("nowhere.pem").toString());
        }
    }

    @Test
    void whoDoesNotEncryptIsNotLetIn() throws Exception {
        try (Capture capture = capture("plain");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            waits(
                    capture,
                    spec(role.url("?sslmode=disable"), TlsSpec.AS_THE_URL_SAYS),
                    "DATABASE_REFUSES",
                    "the server does not let user " + role.name() + " in from here");
        }
    }

    @Test
    void aWrongPasswordAnUnknownDatabaseAClosedPortAndAnUnknownHostEachHaveTheirWords() throws Exception {
        try (Capture capture = new Capture("wrong");
                Role role = Role.create(capture, "LOGIN SUPERUSER REPLICATION")) {
            waits(
                    capture,
                    spec(role.url().replace(":pass-", ":wrong-"), TlsSpec.AS_THE_URL_SAYS),
                    "DATABASE_REFUSES",
                    "the server does not take user " + role.name() + " with this password");
            waits(
                    capture,
                    spec(role.url() + "_not", TlsSpec.AS_THE_URL_SAYS),
                    "DATABASE_REFUSES",
                    "the server has no database " + capture.database.name() + "_not");
            int closed;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                closed = free.getLocalPort();
            }
            waits(
                    capture,
                    spec("postgresql://me:secret@127.0.0.1:" + closed + "/db", TlsSpec.AS_THE_URL_SAYS),
                    "DATABASE_UNAVAILABLE",
                    "nobody listens at this address");
            waits(
                    capture,
                    spec("postgresql://me:secret@no-such-host.invalid/db", TlsSpec.AS_THE_URL_SAYS),
                    "DATABASE_UNAVAILABLE",
                    "the host's name is not known here");
            try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                waits(
                        capture,
                        spec(
                                "postgresql://me:secret@127.0.0.1:" + mute.getLocalPort() + "/db",
                                TlsSpec.AS_THE_URL_SAYS),
                        "DATABASE_UNAVAILABLE",
                        "the server does not answer in time");
            }
        }
    }

    private static Capture capture(String name) throws SQLException {
        return new Capture(name, new InMemorySchemaStore(), server);
    }

    private static void readsAndFollows(Capture capture) throws SQLException {
        capture.execute("CREATE TABLE items (id int PRIMARY KEY)", "INSERT INTO items VALUES (1)");
        PostgresSource source = capture.reading("items").start();
        Capture.awaitStreaming(source);
        capture.execute("INSERT INTO items VALUES (2)");
        capture.awaitCaughtUp(source);

        assertThat(capture.changes("items")).hasSize(2);
        assertThat(capture.query("SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                        + " WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()"))
                .isEqualTo("t");
        source.close();
    }

    /** It waits, for all this can be mended without it; and says what is wrong where, without the password. */
    private static void waits(Capture capture, ConnectionSpec connection, String code, String problem) {
        PostgresSource source = capture.adjusting(Adjust.connection(connection))
                .reading("items")
                .source();
        source.start();
        Awaitility.await().atMost(Capture.PATIENCE).until(() -> source.status().state() == StageState.WAITING);
        SluiceException cause = Objects.requireNonNull(source.status().cause());
        source.close();

        assertThat(cause.code()).isEqualTo(code);
        assertThat(cause.problem()).contains(problem);
        String url = connection.url().reveal().replaceFirst("\\?.*", "");
        String address = url.substring(url.indexOf('@') + 1);
        assertThat(cause.place()).isEqualTo(address.contains(":") ? address : address.replace("/", ":5432/"));
        assertThat(cause.getMessage()).doesNotContain("pass-").doesNotContain("secret");
    }

    private static String url(Capture capture, String user) {
        return "postgresql://" + user + "@127.0.0.1:" + capture.database.port() + "/" + capture.database.name();
    }

    private static ConnectionSpec spec(String url, TlsSpec tls) {
        ConnectionSpec plain = ConnectionSpec.to(url);
        return new ConnectionSpec(
                plain.url(),
                plain.user(),
                plain.password(),
                tls,
                Duration.ofSeconds(2),
                OptionalInt.empty(),
                plain.place());
    }

    private static TlsSpec tls(TlsSpec.Mode mode, Certificates authority, Path certificate) {
        return new TlsSpec(
                Optional.of(mode),
                Optional.of(authority.ca().toString()),
                Optional.ofNullable(certificate).map(Path::toString),
                Optional.ofNullable(certificate)
                        .map(file -> authority.key("client").toString()),
                Optional.empty());
    }
}
