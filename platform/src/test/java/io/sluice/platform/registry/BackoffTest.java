package io.sluice.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(7));

    @Test
    void theBoundDoublesUpToTheGreatest() {
        for (int round = 0; round < 100; round++) {
            long boundMillis = round < 5 ? 100L << round : 2_000;
            assertThat(backoff.after(round).toMillis()).as("round %s", round).isBetween(boundMillis / 2, boundMillis);
        }
    }

    @Test
    void waitsDifferSoThatClientsDoNotComeInStep() {
        Set<Duration> waits =
                IntStream.range(0, 100).mapToObj(i -> backoff.after(3)).collect(Collectors.toSet());

        assertThat(waits).hasSizeGreaterThan(90);
    }
}
