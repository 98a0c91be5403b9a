package io.sluice.sink.timescale;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sluice.localstack.testing.PostgresServer;

/** What a test of hypertables begins with. */
public final class NeedsTimescale {

    private NeedsTimescale() {}

    /** Without TimescaleDB the test is skipped on a laptop and fails where everything is to run. */
    public static void check() {
        PostgresServer.whyNoTimescale().ifPresent(reason -> {
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            abort(reason);
        });
    }
}
