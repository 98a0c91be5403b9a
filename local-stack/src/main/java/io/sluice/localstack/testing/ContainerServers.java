package io.sluice.localstack.testing;

import io.sluice.localstack.testing.Containers.Image;
import io.sluice.localstack.testing.Containers.Running;
import java.time.Duration;
import java.util.UUID;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.MongoDBContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The one class that uses Testcontainers. */
final class ContainerServers {

    private static final int POSTGRES_PORT = 5432;

    private ContainerServers() {}

    static Running start(Image image) {
        DockerImageName name = DockerImageName.parse(image.reference());
        return switch (image) {
            case POSTGRES -> postgres(name, "");
            case TIMESCALEDB -> postgres(name, "timescaledb");
            case KAFKA -> kafka(new KafkaContainer(name));
            case MONGODB -> mongodb(new MongoDBContainer(name));
        };
    }

    private static Running postgres(DockerImageName name, String preload) {
        String password = UUID.randomUUID().toString();
        GenericContainer<?> container = new GenericContainer<>(name)
                .withEnv("POSTGRES_PASSWORD", password)
                .withExposedPorts(POSTGRES_PORT)
                .withCommand(
                        "postgres",
                        "-c",
                        "wal_level=logical",
                        "-c",
                        "max_replication_slots=20",
                        "-c",
                        "max_wal_senders=20",
                        "-c",
                        "max_connections=200",
                        "-c",
                        "shared_preload_libraries=" + preload)
                // The image starts the server twice; the first is only for its own preparation.
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*", 2)
                        .withStartupTimeout(Duration.ofMinutes(2)));
        container.start();
        String address = "postgresql://postgres:" + password + "@" + container.getHost() + ":"
                + container.getMappedPort(POSTGRES_PORT) + "/postgres";
        return new Running(address, container::stop);
    }

    private static Running kafka(KafkaContainer container) {
        container
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_LOG_MESSAGE_TIMESTAMP_TYPE", "LogAppendTime")
                .withEnv("KAFKA_MESSAGE_MAX_BYTES", "36700160")
                .withEnv("KAFKA_REPLICA_FETCH_MAX_BYTES", "36700160")
                .start();
        return new Running(container.getBootstrapServers(), container::stop);
    }

    private static Running mongodb(MongoDBContainer container) {
        container.start();
        return new Running(container.getReplicaSetUrl(), container::stop);
    }
}
