package io.sluice.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The same contract at a registry that others wrote. */
@EnabledIf(value = "aJdkIsThere", disabledReason = "Apicurio Registry needs JDK 21 or newer; set JAVA21_HOME")
class ApicurioContractIT extends SchemaRegistryContract {

    private static ApicurioServer server;

    static boolean aJdkIsThere() {
        return ApicurioServer.java().isPresent();
    }

    private static Path home() {
        return Path.of(System.getProperty("sluice.test.apicurio", "target/apicurio"));
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = ApicurioServer.start(home());
        try (SchemaRegistryClient client = SchemaRegistryClient.open(RegistrySettings.of(server.url()))) {
            client.setLevel(CompatibilityLevel.BACKWARD);
        }
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        ProcessHandle process = ProcessHandle.of(server.serverPid()).orElseThrow();
        server.close();
        await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
    }

    @Override
    String url() {
        return server.url();
    }

    @Test
    void theGenuineClientReadsWhatOursRegisteredHereToo() throws Exception {
        try (SchemaRegistryClient ours = SchemaRegistryClient.open(RegistrySettings.of(url()));
                var genuine = new org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry
                        .client.CachedSchemaRegistryClient(url(), 10)) {
            int id = ours.register("cross-check", WITH_OPTIONAL);

            assertThat(parse(genuine.getSchemaById(id).canonicalString())).isEqualTo(WITH_OPTIONAL);
        }
    }
}
