package io.sluice.localstack.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sluice.localstack.postgres.LocalPgBouncer;
import java.util.Optional;

/**
 * What a test begins with that needs a server which is not everywhere: without it the test is skipped on a laptop and fails where
 * everything is to run.
 */
public final class NeededServer {

    private NeededServer() {}

    public static void timescale() {
        orElseSkip(PostgresServer.whyNoTimescale());
    }

    public static void pgBouncer() {
        orElseSkip(LocalPgBouncer.whyNot());
    }

    /** @param whyNot why a server is missing; empty if it is not */
    public static void orElseSkip(Optional<String> whyNot) {
        whyNot.ifPresent(reason -> {
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            abort(reason);
        });
    }
}
