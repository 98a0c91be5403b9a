package io.sluice.app.wiring;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The servers of a pipeline that names none: those of this process, or of another one of the same folder. The only class besides
 * {@code stack} and {@code demo} that needs the module of local servers, so that everything else works where it is not installed.
 */
final class EmbeddedServers implements AutoCloseable {

    private final LocalStack stack;

    private EmbeddedServers(LocalStack stack) {
        this.stack = stack;
    }

    static EmbeddedServers open(Path dataFolder, boolean kafka, boolean registry) {
        LocalStack stack = start(
                () -> LocalStack.builder(dataFolder)
                        .with(parts(kafka, registry))
                        .attachOrStart(),
                dataFolder,
                "Or name servers of yours under kafka: and registry:.");
        if (stack.uncleanStopOnAnotherBoot()) {
            stack.close();
            throw new HaltException(
                    "UNCLEAN_STOP",
                    "the machine went down while the embedded Kafka ran, so it may have lost records that the source's slot or"
                            + " a target already counts as there",
                    dataFolder.toString(),
                    "Start again from an empty folder and empty target tables: see the runbook.");
        }
        return new EmbeddedServers(stack);
    }

    /** Empty ones that leave nothing behind. */
    static EmbeddedServers temporary(boolean kafka, boolean registry) {
        Set<Part> parts = parts(kafka, registry);
        return new EmbeddedServers(start(
                () -> LocalStack.startTemporary(parts.iterator().next(), parts.toArray(Part[]::new)),
                Path.of("temporary"),
                "Or name servers of yours under kafka: and registry:."));
    }

    /** A database of the pipeline's own, which runs only while somebody uses it. */
    static EmbeddedServers database(Path folder, String remedy) {
        return new EmbeddedServers(
                start(() -> LocalStack.builder(folder).with(Part.POSTGRES).attachOrStart(), folder, remedy));
    }

    private static Set<Part> parts(boolean kafka, boolean registry) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        if (kafka) {
            parts.add(Part.KAFKA);
        }
        if (registry) {
            parts.add(Part.REGISTRY);
        }
        return parts;
    }

    private static LocalStack start(Supplier<LocalStack> servers, Path place, String remedy) {
        try {
            return servers.get();
        } catch (LocalServerException e) {
            throw new EnvironmentException(
                    "EMBEDDED_SERVERS", String.valueOf(e.getMessage()), place.toString(), remedy, e);
        }
    }

    String postgresUrl() {
        return stack.postgresUrl();
    }

    String kafkaBootstrap() {
        return stack.kafkaBootstrap();
    }

    String registryUrl() {
        return stack.registryUrl();
    }

    String describe() {
        return stack.owns()
                ? "embedded servers run, with their data in " + stack.folder()
                : "embedded servers are those of process " + stack.ownerPid();
    }

    @Override
    public void close() {
        stack.close();
    }
}
