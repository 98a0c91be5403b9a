package io.sluice.localstack.testing;

import java.util.Optional;

/** What the tests find around them. */
final class Environment {

    private Environment() {}

    static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    static <S extends AutoCloseable> S closedAtExit(S server) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                server.close();
                            } catch (Exception e) {
                                System.err.println("A test server did not close: " + e.getMessage());
                            }
                        },
                        "test-server-shutdown"));
        return server;
    }
}
