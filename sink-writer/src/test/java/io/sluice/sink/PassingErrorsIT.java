package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the target refuses because of somebody else at the same time, and takes when it is asked again. */
class PassingErrorsIT {

    private static final String OURS = "application_name LIKE 'sluice-sink-%' AND datname = current_database()";

    private final SinkRig rig = SinkRig.create(
            KafkaServer.shared(), PostgresServer.shared().freshDatabase("passing"), "passing", SinkKillIT.COUNTERS);

    @BeforeEach
    void twoRows() {
        rig.prepared(Map.of(SinkKillIT.COUNTERS, SinkKillIT.ROWS)).close();
        rig.execute("INSERT INTO counters VALUES (1, 0, 'old'), (2, 0, 'old')");
    }

    private static void send(RowProducer producer, long version) {
        producer.inTransaction(() -> {
            producer.upsert(SinkKillIT.COUNTERS, new Row(SinkKillIT.ROWS, new Object[] {1L, version, "new"}));
            producer.upsert(SinkKillIT.COUNTERS, new Row(SinkKillIT.ROWS, new Object[] {2L, version, "new"}));
        });
    }

    private void setting(String name, String value) {
        rig.execute("ALTER DATABASE \"" + rig.query("SELECT current_database()").get(0) + "\" SET " + name + " = '"
                + value + "'");
    }

    private void awaitOurs(String condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !rig.query("SELECT 1 FROM pg_stat_activity WHERE " + OURS + " AND " + condition)
                        .isEmpty());
    }

    private void expectApplied(SinkStage sink, long version) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(rig.query("SELECT id, version, body FROM counters ORDER BY id"))
                        .containsExactly("1|" + version + "|new", "2|" + version + "|new"));
        assertThat(rig.query("SELECT state FROM sluice.parked")).isEmpty();
        assertThat(rig.letters()).isEmpty();
        await().untilAsserted(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
    }

    /** In another session's own words, which ends in a rollback. */
    private interface Other {
        void in(Statement statement) throws SQLException;
    }

    private void meanwhile(Other other) throws SQLException {
        try (Connection connection = rig.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            other.in(statement);
            connection.rollback();
        }
    }

    @Test
    void aDeadlockThatWeAreTheVictimOfIsSurvived() throws Exception {
        setting("deadlock_timeout", "500ms");
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            await().untilAsserted(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
            long version = 0;
            do {
                long next = ++version;
                meanwhile(other -> {
                    // Whoever waits for that long first is the victim: we, unless the other one is slow, which tries
                    // again then.
                    other.execute("SET deadlock_timeout = '1min'");
                    other.execute("UPDATE counters SET body = 'theirs' WHERE id = 2");
                    send(producer, next);
                    awaitOurs("wait_event_type = 'Lock'");
                    // Whatever the sink came upon first, it holds the ledger's row from its first statement on.
                    other.execute("UPDATE sluice.applied SET position = position");
                });
                expectApplied(sink, next);
            } while (version < 20 && deadlocks().equals(List.of("0")));
            await().untilAsserted(() -> assertThat(deadlocks()).isNotEqualTo(List.of("0")));
        }
    }

    private List<String> deadlocks() {
        return rig.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    }

    @Test
    void aSerialisationFailureIsSurvived() throws Exception {
        setting("default_transaction_isolation", "repeatable read");
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            await().untilAsserted(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
            meanwhile(other -> {
                other.execute("UPDATE counters SET body = 'theirs' WHERE id IN (1, 2)");
                send(producer, 1);
                awaitOurs("wait_event_type = 'Lock'");
                other.getConnection().commit();
            });
            expectApplied(sink, 1);
        }
    }
}
