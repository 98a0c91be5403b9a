package io.sluice.app.wiring;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The Kafka and the registry that a pipeline runs on: those that its file names, and embedded ones for the rest. */
public final class Servers implements AutoCloseable {

    private final KafkaConnection kafka;
    private final SchemaRegistryClient schemas;
    private final @Nullable EmbeddedServers embedded;

    private Servers(KafkaConnection kafka, SchemaRegistryClient schemas, @Nullable EmbeddedServers embedded) {
        this.kafka = kafka;
        this.schemas = schemas;
        this.embedded = embedded;
    }

    /**
     * Connects, and starts what is embedded unless another process of this folder runs it already.
     *
     * @param dataFolder where embedded servers keep their data
     */
    public static Servers open(Pipeline pipeline, Path dataFolder) {
        return open(pipeline, dataFolder, false);
    }

    /**
     * The same for whoever only looks: where nothing was ever embedded in that folder it stays so, and empty servers that leave
     * nothing behind answer instead.
     */
    public static Servers openToLook(Pipeline pipeline, Path dataFolder) {
        return open(pipeline, dataFolder, !Files.exists(dataFolder));
    }

    private static Servers open(Pipeline pipeline, Path dataFolder, boolean temporary) {
        boolean ownKafka = pipeline.kafka().isEmpty();
        boolean ownRegistry = pipeline.registry().isEmpty();
        EmbeddedServers embedded =
                ownKafka || ownRegistry ? embedded(dataFolder, ownKafka, ownRegistry, temporary) : null;
        try {
            KafkaSpec kafka = embedded == null || pipeline.kafka().isPresent()
                    ? pipeline.kafka().orElseThrow()
                    : KafkaSpec.at(embedded.kafkaBootstrap());
            RegistrySettings registry = embedded == null || pipeline.registry().isPresent()
                    ? RegistryWiring.settings(pipeline.registry().orElseThrow())
                    : RegistrySettings.of(embedded.registryUrl());
            return new Servers(
                    KafkaConnection.of(kafka, pipeline.maxRecordBytes()),
                    SchemaRegistryClient.open(registry),
                    embedded);
        } catch (RuntimeException e) {
            if (embedded != null) {
                embedded.close();
            }
            throw e;
        }
    }

    /** Whether this installation brings the servers that can be embedded; an image for production does not. */
    public static boolean canBeEmbedded() {
        return Servers.class.getResource("/io/sluice/localstack/stack/LocalStack.class") != null;
    }

    /** @param key of the pipeline file, that names a server of the user's */
    static void requireEmbeddable(String key) {
        if (!canBeEmbedded()) {
            throw new EnvironmentException(
                    "EMBEDDED_SERVERS",
                    "this installation brings no servers of its own",
                    key,
                    "Name yours in the pipeline file, under " + key + ":.",
                    null);
        }
    }

    private static EmbeddedServers embedded(Path dataFolder, boolean kafka, boolean registry, boolean temporary) {
        requireEmbeddable(kafka ? "kafka" : "registry");
        return temporary
                ? EmbeddedServers.temporary(kafka, registry)
                : EmbeddedServers.open(dataFolder, kafka, registry);
    }

    public KafkaConnection kafka() {
        return kafka;
    }

    public SchemaRegistryClient schemas() {
        return schemas;
    }

    /** Says where the embedded servers are; empty if there are none. */
    public String describe() {
        return embedded == null ? "" : embedded.describe();
    }

    @Override
    public void close() {
        schemas.close();
        if (embedded != null) {
            embedded.close();
        }
    }
}
