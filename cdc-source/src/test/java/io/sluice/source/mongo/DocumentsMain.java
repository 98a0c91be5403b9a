package io.sluice.source.mongo;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.testing.JavaChild;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A process that captures, to be killed. */
final class DocumentsMain {

    private DocumentsMain() {}

    static JavaChild start(Documents documents, String registry, String... collections) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                documents.pipelineName,
                documents.uri,
                documents.database.getName(),
                KafkaServer.shared().bootstrapServers(),
                registry));
        arguments.addAll(List.of(collections));
        return JavaChild.start(DocumentsMain.class, List.of(), arguments);
    }

    public static void main(String[] arguments) {
        Pipeline pipeline = Documents.pipeline(
                arguments[0],
                arguments[1],
                arguments[2],
                Map.of("orders", List.of(arguments).subList(5, arguments.length)));
        KafkaConnection kafka = KafkaConnection.of(KafkaSpec.at(arguments[3]), Pipeline.DEFAULT_MAX_RECORD_BYTES);
        SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(arguments[4]));
        MongoSource source =
                new MongoSource(pipeline, pipeline.sources().get(0), kafka, schemas, new SimpleMeterRegistry());
        source.start();
        while (source.status().state() != StageState.HALTED) {
            LockSupport.parkNanos(10_000_000);
            SourceProgress.Table first = source.progress().tables().get(0);
            boolean changing = first.changes() > 0 && first.state() == SourceProgress.State.STREAMING;
            System.out.println(changing ? "CHANGING" : first.state() + (first.rowsRead() > 0 ? "" : " NOTHING"));
        }
        System.out.println("HALTED " + source.status().cause().getMessage());
        System.exit(1);
    }
}
