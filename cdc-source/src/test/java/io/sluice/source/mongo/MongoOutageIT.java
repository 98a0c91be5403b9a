package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.source.testing.JavaChild;
import io.sluice.source.testing.KillableBroker;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the source under changes while Kafka, or the source itself, is away: nothing is lost or doubled. */
class MongoOutageIT {

    @TempDir
    Path folder;

    @Test
    void aBrokerThatIsKilledUnderLoadIsPublishedToAgain() throws Exception {
        try (KillableBroker broker = KillableBroker.start(folder.resolve("kafka"));
                Documents documents = new Documents(
                        "mongo_broker", MongoServer.shared().uri(), broker.address(), new InMemorySchemaStore())) {
            DocumentLoad.prepare(documents);
            MongoSource source = documents.reading(DocumentLoad.COLLECTION).start();
            Documents.awaitStreaming(source);
            try (DocumentLoad load = DocumentLoad.on(documents)) {
                load.awaitMore();
                broker.killAndRestart();
                long before = source.progress().boundary();
                load.awaitMore();
                Awaitility.await().atMost(Documents.PATIENCE).until(() -> {
                    Documents.refuseHalt(source);
                    return source.progress().boundary() != before;
                });
            }
            documents.awaitCaughtUp(source);
            DocumentLoad.check(documents);
        }
    }

    @Test
    void aFrozenInstanceIsFencedAndStopsWhenItWakes() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Documents documents = new Documents(
                        "mongo_frozen",
                        MongoServer.shared().uri(),
                        KafkaServer.shared().bootstrapServers(),
                        schemas)) {
            DocumentLoad.prepare(documents);
            documents.reading(DocumentLoad.COLLECTION);
            JavaChild frozen = DocumentsMain.start(documents, registry.url(), DocumentLoad.COLLECTION);
            frozen.awaitExactly("STREAMING");
            try (DocumentLoad load = DocumentLoad.on(documents)) {
                frozen.awaitExactly("CHANGING");
                load.awaitMore();
                frozen.signal("STOP");
                Awaitility.await().atMost(Documents.PATIENCE).until(frozen::isFrozen);
                MongoSource second = documents.start();
                documents.awaitCaughtUp(second);
                frozen.signal("CONT");

                assertThatThrownBy(() -> frozen.awaitState("NEVER")).hasMessageContaining("SOURCE_TAKEN_OVER");
                load.close();
                documents.awaitCaughtUp(second);
                DocumentLoad.check(documents);
            } finally {
                frozen.kill();
            }
        }
    }
}
