package io.sluice.transform.topology;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A transform in a process of its own, to be killed. Ends with its parent, when its standard input does. */
final class ChildTransform {

    private ChildTransform() {}

    private static final String SPLITTING = "splitting";
    private static final String FAMILIES = "families";
    private static final String STRONG = "strong";

    static Process start(String pipeline, int partitions, String bootstrap, Path stateDirectory) throws IOException {
        return start(pipeline, partitions, bootstrap, stateDirectory, "copying");
    }

    static Process startSplitting(String pipeline, int partitions, String bootstrap, Path stateDirectory)
            throws IOException {
        return start(pipeline, partitions, bootstrap, stateDirectory, SPLITTING);
    }

    static Process startFamilies(String pipeline, int partitions, String bootstrap, Path stateDirectory)
            throws IOException {
        return start(pipeline, partitions, bootstrap, stateDirectory, FAMILIES);
    }

    static Process startStrong(String pipeline, String bootstrap, Path stateDirectory) throws IOException {
        return start(pipeline, 1, bootstrap, stateDirectory, STRONG);
    }

    private static Process start(String pipeline, int partitions, String bootstrap, Path stateDirectory, String service)
            throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ChildTransform.class.getName(),
                        pipeline,
                        Integer.toString(partitions),
                        bootstrap,
                        stateDirectory.toString(),
                        service))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static ServiceFixture fixture(
            String service, String pipeline, InMemorySchemaStore schemas, int partitions) {
        return switch (service) {
            case SPLITTING -> ServiceFixture.splitting(pipeline, schemas, partitions);
            case FAMILIES -> ServiceFixture.families(pipeline, schemas, partitions);
            case STRONG ->
                new ServiceFixture(pipeline, schemas, partitions, Consistency.STRONG, DeadLettersSpec.DEFAULT);
            default -> new ServiceFixture(pipeline, schemas, partitions);
        };
    }

    public static void main(String[] arguments) throws IOException {
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        ServiceFixture fixture = fixture(arguments[4], arguments[0], schemas, Integer.parseInt(arguments[1]));
        fixture.registerAll();
        try (TransformStage stage = new TransformStage(
                fixture.pipeline,
                fixture.service,
                KafkaConnection.of(KafkaSpec.at(arguments[2]), Pipeline.DEFAULT_MAX_RECORD_BYTES),
                schemas,
                new SimpleMeterRegistry(),
                Path.of(arguments[3]))) {
            stage.start();
            while (System.in.read() >= 0) {
                if (stage.status().state() == StageState.HALTED) {
                    return;
                }
            }
        }
    }
}
