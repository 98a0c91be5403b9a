package io.sluice.localstack.testing;

import io.sluice.localstack.kafka.LocalKafka;
import java.util.Map;

/** A Kafka broker for tests. Topics, groups and transactional ids of a test begin with a {@link #uniqueName(String)}. */
public final class KafkaServer implements AutoCloseable {

    static final String VARIABLE = "SLUICE_TEST_KAFKA";

    private final String bootstrapServers;
    private final AutoCloseable server;

    private KafkaServer(String bootstrapServers, AutoCloseable server) {
        this.bootstrapServers = bootstrapServers;
        this.server = server;
    }

    /** The one of this JVM. */
    public static KafkaServer shared() {
        return Shared.KAFKA;
    }

    /** A broker of the caller's own, with settings of its own. Always a local one. */
    public static KafkaServer start(Map<String, String> settings) {
        LocalKafka kafka = LocalKafka.startTemporary(settings);
        return new KafkaServer(kafka.bootstrapServers(), kafka);
    }

    private static KafkaServer open() {
        return Environment.variable(VARIABLE)
                .map(address -> new KafkaServer(address, () -> {}))
                .or(() -> Containers.start(Containers.Image.KAFKA)
                        .map(container -> new KafkaServer(container.address(), container)))
                .orElseGet(() -> start(Map.of()));
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** A name no other test uses, for a pipeline, a topic or a group; lower case letters, digits and hyphens. */
    public String uniqueName(String name) {
        return UniqueName.from(name, '-');
    }

    @Override
    public void close() throws Exception {
        server.close();
    }

    private static final class Shared {
        static final KafkaServer KAFKA = Environment.closedAtExit(open());
    }
}
