package io.sluice.app.wiring;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The Kafka and the registry that a pipeline runs on: those that its file names, and embedded ones for the rest. */
public final class Servers implements AutoCloseable {

    private final KafkaConnection kafka;
    private final SchemaRegistryClient schemas;
    private final @Nullable LocalStack embedded;

    private Servers(KafkaConnection kafka, SchemaRegistryClient schemas, @Nullable LocalStack embedded) {
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

    private static Servers open(Pipeline pipeline, Path dataFolder, boolean temporary) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        if (pipeline.kafka().isEmpty()) {
            parts.add(Part.KAFKA);
        }
        if (pipeline.registry().isEmpty()) {
            parts.add(Part.REGISTRY);
        }
        LocalStack embedded = parts.isEmpty() ? null : embedded(dataFolder, parts, temporary);
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

    /**
     * The same for whoever only looks: where nothing was ever embedded in that folder it stays so, and empty servers that leave
     * nothing behind answer instead.
     */
    public static Servers openToLook(Pipeline pipeline, Path dataFolder) {
        return open(pipeline, dataFolder, !Files.exists(dataFolder));
    }

    private static LocalStack embedded(Path dataFolder, Set<Part> parts, boolean temporary) {
        LocalStack stack;
        try {
            stack = temporary
                    ? LocalStack.startTemporary(parts.iterator().next(), parts.toArray(Part[]::new))
                    : LocalStack.builder(dataFolder).with(parts).attachOrStart();
        } catch (LocalServerException e) {
            throw new EnvironmentException(
                    "EMBEDDED_SERVERS",
                    String.valueOf(e.getMessage()),
                    dataFolder.toString(),
                    "Or name servers of yours under kafka: and registry:.",
                    e);
        }
        if (stack.uncleanStopOnAnotherBoot()) {
            stack.close();
            throw new HaltException(
                    "UNCLEAN_STOP",
                    "the machine went down while the embedded Kafka ran, so it may have lost records that the source's slot or"
                            + " a target already counts as there",
                    dataFolder.toString(),
                    "Start again from an empty folder and empty target tables: see the runbook.");
        }
        return stack;
    }

    public KafkaConnection kafka() {
        return kafka;
    }

    public SchemaRegistryClient schemas() {
        return schemas;
    }

    /** Says where the embedded servers are; empty if there are none. */
    public String describe() {
        if (embedded == null) {
            return "";
        }
        return embedded.owns()
                ? "embedded servers run, with their data in " + embedded.folder()
                : "embedded servers are those of process " + embedded.ownerPid();
    }

    @Override
    public void close() {
        schemas.close();
        if (embedded != null) {
            embedded.close();
        }
    }
}
