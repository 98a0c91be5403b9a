package io.sluice.platform.registry;

import io.sluice.localstack.registry.LocalRegistry;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class LocalRegistryContractIT extends SchemaRegistryContract {

    private static LocalRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        registry = LocalRegistry.startTemporary();
    }

    @AfterAll
    static void stop() throws IOException {
        registry.close();
    }

    @Override
    String url() {
        return registry.url();
    }
}
