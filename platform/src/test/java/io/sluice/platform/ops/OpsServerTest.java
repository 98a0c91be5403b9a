package io.sluice.platform.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.tls.TestKeys;
import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpsServerTest {

    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private boolean ready = true;

    private final OpsContent content = new OpsContent() {
        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public String metrics() {
            return "sluice_up 1\n";
        }

        @Override
        public String status() {
            throw new IllegalStateException("a secret reason");
        }
    };

    private OpsServer start(Optional<Secret> token) {
        return OpsServer.start(new OpsSettings(ANY, token, Optional.empty()), content);
    }

    private static HttpResponse<String> ask(OpsServer server, String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void saysWhetherItLivesAndIsReady() throws Exception {
        try (OpsServer server = start(Optional.empty())) {
            assertThat(ask(server, "GET", "/live").statusCode()).isEqualTo(200);
            assertThat(ask(server, "GET", "/ready").body()).isEqualTo("ready\n");
            ready = false;
            assertThat(ask(server, "GET", "/ready").statusCode()).isEqualTo(503);
            assertThat(ask(server, "GET", "/live").statusCode())
                    .as("who waits lives")
                    .isEqualTo(200);
        }
    }

    @Test
    void figuresNeedTheTokenWhereThereIsOne() throws Exception {
        try (OpsServer server = start(Optional.of(Secret.of("token")))) {
            assertThat(ask(server, "GET", "/metrics").statusCode()).isEqualTo(401);
            assertThat(ask(server, "GET", "/status").statusCode()).isEqualTo(401);
            assertThat(ask(server, "GET", "/metrics", "Authorization", "Bearer toke")
                            .statusCode())
                    .isEqualTo(401);
            assertThat(ask(server, "GET", "/metrics", "Authorization", "Bearer token")
                            .body())
                    .isEqualTo("sluice_up 1\n");
            assertThat(ask(server, "GET", "/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatItDoesNotDoItSays() throws Exception {
        try (OpsServer server = start(Optional.empty())) {
            assertThat(ask(server, "POST", "/metrics").statusCode()).isEqualTo(405);
            assertThat(ask(server, "GET", "/elsewhere").statusCode()).isEqualTo(404);
            assertThat(ask(server, "HEAD", "/metrics").body()).isEmpty();
            HttpResponse<String> failed = ask(server, "GET", "/status");
            assertThat(failed.statusCode()).isEqualTo(500);
            assertThat(failed.body()).doesNotContain("secret");
        }
    }

    @Test
    void otherMachinesNeedATokenAndTls() {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        assertThatThrownBy(() -> new OpsSettings(everywhere, Optional.empty(), Optional.empty()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("a token and TLS");
        assertThatThrownBy(() -> new OpsSettings(everywhere, Optional.of(Secret.of("token")), Optional.empty()))
                .hasMessageContaining("without TLS");
    }

    @Test
    void withACertificateItSpeaksNothingButTls(@TempDir Path folder) throws Exception {
        TestKeys keys = new TestKeys(folder);
        keys.make("server", "EC", "san=ip:127.0.0.1");
        OpsSettings settings = new OpsSettings(
                ANY,
                Optional.of(Secret.of("token")),
                Optional.of(new TlsFiles.PemIdentity(keys.certificate("server"), keys.key("server"), null)));
        try (OpsServer server = OpsServer.start(settings, content)) {
            HttpClient trusting = HttpClient.newBuilder()
                    .sslContext(
                            TlsContext.of(new TlsFiles(new TlsFiles.PemAuthorities(keys.certificate("server")), null)))
                    .build();
            HttpRequest request = HttpRequest.newBuilder(server.address().resolve("/metrics"))
                    .header("Authorization", "Bearer token")
                    .build();
            assertThat(trusting.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("sluice_up 1\n");
            HttpRequest plain = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.address().getPort() + "/live"))
                    .build();
            assertThatThrownBy(() -> trusting.send(plain, HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aTakenPortIsToldWithWhatToDo() {
        try (OpsServer server = start(Optional.empty())) {
            InetSocketAddress taken = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.address().getPort());
            OpsSettings settings = new OpsSettings(taken, Optional.empty(), Optional.empty());
            assertThatThrownBy(() -> OpsServer.start(settings, content))
                    .isInstanceOf(EnvironmentException.class)
                    .hasMessageContaining("Take another port");
        }
    }
}
