package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.InMemorySchemaStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The primary dies and its standby takes over, with and without what a logical slot needs to outlive that. */
class FailoverIT {

    @TempDir
    Path folder;

    @Test
    void aSlotThatTheStandbyKeepsIsReadOnWithoutLoss() throws Exception {
        try (Pair pair = Pair.start(folder, true);
                Capture capture = capture("failover", pair)) {
            CounterLoad.prepare(capture);
            PostgresSource source = capture.reading("counted").start();
            Capture.awaitStreaming(source);
            write(capture, 50);
            capture.awaitCaughtUp(source);
            pair.awaitSlotKept(SourceNames.slot(capture.pipelineName, Capture.SOURCE));
            write(capture, 50);
            pair.awaitCopied();

            pair.failOver();
            capture.reconnect();
            write(capture, 50);
            capture.awaitCaughtUp(source);

            CounterLoad.check(capture);
            assertThat(capture.query("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .as("another timeline")
                    .isEqualTo("00000002");
        }
    }

    @Test
    void aSlotThatNobodyKeptHalts() throws Exception {
        try (Pair pair = Pair.start(folder, false);
                Capture capture = capture("noslot", pair)) {
            PostgresSource source = streaming(capture);
            pair.awaitCopied();
            pair.failOver();
            capture.reconnect();

            halts(source, "SLOT_LOST", "the slot does not exist any more, so changes have been missed");
        }
    }

    @Test
    void aStandbyThatLacksWhatWasCapturedHalts() throws Exception {
        try (Pair pair = Pair.start(folder, false);
                Capture capture = capture("diverged", pair)) {
            PostgresSource source = streaming(capture);
            pair.awaitCopied();
            pair.stopStandby();
            capture.execute("INSERT INTO counted VALUES (1000, 0)");
            capture.awaitCaughtUp(source);
            pair.failOverToWhatTheStandbyHad();
            capture.reconnect();

            halts(source, "TIMELINE_DIVERGED", "some of that never happened there");
        }
    }

    private static Capture capture(String name, Pair pair) throws SQLException {
        return new Capture(
                name,
                new InMemorySchemaStore(),
                pair.database(),
                KafkaServer.shared().bootstrapServers());
    }

    private static PostgresSource streaming(Capture capture) throws SQLException {
        CounterLoad.prepare(capture);
        PostgresSource source = capture.reading("counted").start();
        Capture.awaitStreaming(source);
        capture.awaitCaughtUp(source);
        return source;
    }

    private static void write(Capture capture, int times) throws SQLException {
        for (int i = 0; i < times; i++) {
            capture.execute("UPDATE counted SET counter = counter + 1 WHERE id % 10 = " + i % 10);
        }
    }

    private static void halts(PostgresSource source, String code, String problem) {
        SluiceException cause = Objects.requireNonNull(Capture.awaitHalt(source).cause());
        assertThat(cause.code()).isEqualTo(code);
        assertThat(cause.problem()).contains(problem);
        assertThat(cause.remedy()).contains("`sluice run FILE --new-epoch shop`");
    }
}
