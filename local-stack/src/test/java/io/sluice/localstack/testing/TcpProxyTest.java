package io.sluice.localstack.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        proxy = TcpProxy.to("127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void bytesPassBothWaysUntilOneSideEnds() throws IOException {
        try (Socket client = client();
                Socket peer = met(client, server)) {
            client.getOutputStream().write(7);
            assertThat(peer.getInputStream().read()).isEqualTo(7);
            peer.getOutputStream().write(8);
            assertThat(client.getInputStream().read()).isEqualTo(8);
            client.shutdownOutput();
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
            peer.getOutputStream().write(9);
            assertThat(client.getInputStream().read()).isEqualTo(9);
        }
    }

    @Test
    void aStalledLineIsSilentAndDeliversLater() throws IOException {
        try (Socket client = client();
                Socket peer = met(client, server)) {
            proxy.stall();
            client.getOutputStream().write(7);
            peer.setSoTimeout(100);
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            proxy.passOn();
            peer.setSoTimeout(10_000);
            assertThat(peer.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aResetLineFailsOnBothSides() throws IOException {
        try (Socket client = client();
                Socket peer = met(client, server)) {
            proxy.reset();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aHalfClosedLineStillTakesWhatTheClientSays() throws IOException {
        try (Socket client = client();
                Socket peer = met(client, server)) {
            proxy.halfClose();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write(7);
            assertThat(peer.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aRefusingProxyEndsNewLinesAtOnceAndLaterTakesThemAgain() throws IOException {
        proxy.refuse();
        try (Socket client = client()) {
            assertThatThrownBy(() -> {
                        client.getOutputStream().write(1);
                        client.getInputStream().read();
                    })
                    .isInstanceOf(IOException.class);
        }
        proxy.passOn();
        try (Socket client = client();
                Socket peer = met(client, server)) {
            client.getOutputStream().write(7);
            assertThat(peer.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aDelayedLineIsSlow() throws IOException {
        try (Socket client = client();
                Socket peer = met(client, server)) {
            proxy.delay(Duration.ofMillis(100));
            long begin = System.nanoTime();
            client.getOutputStream().write(7);
            assertThat(peer.getInputStream().read()).isEqualTo(7);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(90));
        }
    }

    @Test
    void newLinesLeadToTheNewTarget() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            proxy.retarget("127.0.0.1", other.getLocalPort());
            try (Socket client = client();
                    Socket peer = met(client, other)) {
                client.getOutputStream().write(7);
                assertThat(peer.getInputStream().read()).isEqualTo(7);
            }
        }
    }

    /** The other end, once both are known to be joined. */
    private static Socket met(Socket client, ServerSocket listener) throws IOException {
        Socket peer = listener.accept();
        peer.setSoTimeout(10_000);
        peer.getOutputStream().write(1);
        assertThat(client.getInputStream().read()).isEqualTo(1);
        return peer;
    }

    private Socket client() throws IOException {
        Socket client = new Socket(proxy.host(), proxy.port());
        client.setSoTimeout(10_000);
        return client;
    }
}
