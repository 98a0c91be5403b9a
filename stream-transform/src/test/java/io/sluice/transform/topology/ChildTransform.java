package io.sluice.transform.topology;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A transform in a process of its own, to be killed. Ends with its parent, when its standard input does. */
final class ChildTransform {

    private ChildTransform() {}

    private static final String SPLITTING = "splitting";

    static Process start(String pipeline, int partitions, String bootstrap, Path stateDirectory) throws IOException {
        return start(pipeline, partitions, bootstrap, stateDirectory, "copying");
    }

    static Process startSplitting(String pipeline, int partitions, String bootstrap, Path stateDirectory)
            throws IOException {
        return start(pipeline, partitions, bootstrap, stateDirectory, SPLITTING);
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

    public static void main(String[] arguments) throws IOException {
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        int partitions = Integer.parseInt(arguments[1]);
        ServiceFixture fixture = arguments[4].equals(SPLITTING)
                ? ServiceFixture.splitting(arguments[0], schemas, partitions)
                : new ServiceFixture(arguments[0], schemas, partitions);
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
