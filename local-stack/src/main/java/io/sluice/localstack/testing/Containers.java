package io.sluice.localstack.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether servers can and should run in containers; knows Testcontainers only by name, for it may not be there. */
final class Containers {

    static final String VARIABLE = "SLUICE_TEST_CONTAINERS";

    private Containers() {}

    /**
     * What runs in a container.
     *
     * @see #better
     */
    enum Image {
        POSTGRES("postgres:17.6", false),
        TIMESCALEDB("timescale/timescaledb:2.19.3-pg17", true),
        KAFKA("apache/kafka:4.1.0", false),
        MONGODB("mongo:7.0", true);

        private final String reference;
        /** Whether the container is more than the local server. */
        private final boolean better;

        Image(String reference, boolean better) {
            this.reference = reference;
            this.better = better;
        }

        String reference() {
            return reference;
        }
    }

    /** A server in a container, and its address in the form its variable takes. */
    record Running(String address, AutoCloseable handle) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            handle.close();
        }
    }

    static Optional<Running> start(Image image) {
        return available(image) ? Optional.of(ContainerServers.start(image)) : Optional.empty();
    }

    static boolean available(Image image) {
        boolean wanted = Environment.variable(VARIABLE).map("true"::equals).orElse(image.better);
        return wanted && isOnClassPath() && engineAnswers();
    }

    private static boolean isOnClassPath() {
        return Containers.class.getResource("/org/testcontainers/containers/GenericContainer.class") != null;
    }

    /** Testcontainers takes long to find out that there is none, and says so at length. */
    private static boolean engineAnswers() {
        String host = Environment.variable("DOCKER_HOST").orElse("unix:///var/run/docker.sock");
        if (!host.startsWith("unix://")) {
            return true;
        }
        Path socket = Path.of(host.substring("unix://".length()));
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(StandardCharsets.US_ASCII.encode("GET /_ping HTTP/1.0\r\n\r\n"));
            ByteBuffer answer = ByteBuffer.allocate(64);
            channel.read(answer);
            return StandardCharsets.US_ASCII.decode(answer.flip()).toString().contains(" 200 ");
        } catch (IOException e) {
            return false;
        }
    }
}
