package io.sluice.sink.timescale;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sluice.localstack.testing.PostgresServer;
import java.util.Optional;

/** What a test of hypertables begins with. */
public final class NeedsTimescale {

    private NeedsTimescale() {}

    /** Without TimescaleDB the test is skipped on a laptop and fails where everything is to run. */
    public static void check() {
        orElseSkip(PostgresServer.whyNoTimescale());
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
