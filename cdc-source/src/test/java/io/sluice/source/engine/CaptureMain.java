package io.sluice.source.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A process that captures, to be killed. */
final class CaptureMain {

    private CaptureMain() {}

    public static void main(String[] arguments) throws Exception {
        Pipeline pipeline = Capture.pipeline(
                arguments[0], arguments[1], Map.of("orders", List.of(arguments).subList(4, arguments.length)));
        KafkaConnection kafka = KafkaConnection.of(KafkaSpec.at(arguments[2]), Pipeline.DEFAULT_MAX_RECORD_BYTES);
        SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(arguments[3]));
        PostgresSource source =
                new PostgresSource(pipeline, pipeline.sources().get(0), kafka, schemas, new SimpleMeterRegistry());
        source.prepare();
        source.start();
        while (source.status().state() != StageState.HALTED) {
            LockSupport.parkNanos(10_000_000);
            SourceProgress.Table first = source.progress().tables().get(0);
            System.out.println(first.changes() > 0 ? "CHANGING" : first.state());
        }
        System.out.println("HALTED " + source.status().cause().getMessage());
        System.exit(1);
    }
}
