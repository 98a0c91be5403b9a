package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

class SinkStageIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS = new RowSchema(
            "accounts",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("name", Simple.TEXT, "character varying(40)", false),
                    new Column("balance", Simple.INT64, "bigint", true)),
            List.of("id"));

    private final SinkRig rig =
            SinkRig.create(KafkaServer.shared(), PostgresServer.shared().freshDatabase("sink"), "sink", ACCOUNTS);

    static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    private static Row row(Object... values) {
        return new Row(ROWS, values);
    }

    private List<String> target() {
        return rig.query("SELECT id, name, balance FROM accounts ORDER BY id");
    }

    @Test
    void insertsUpdatesAndDeletesLeaveTheTargetEqual() {
        Map<Long, String> expected = new TreeMap<>();
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            for (int round = 0; round < 5; round++) {
                int turn = round;
                producer.inTransaction(() -> {
                    for (long id = 0; id < 300; id++) {
                        if ((id + turn) % 7 == 0) {
                            producer.delete(ACCOUNTS, ROWS, id);
                            expected.remove(id);
                        } else if (expected.containsKey(id) && (id + turn) % 3 == 0) {
                            producer.upsert(ACCOUNTS, row(id, Unchanged.UNCHANGED, (long) turn));
                            expected.merge(id, "|" + turn, (old, now) -> old.replaceAll("\\|[^|]*$", "") + now);
                        } else {
                            producer.upsert(ACCOUNTS, row(id, "n" + turn, null));
                            expected.put(id, "n" + turn + "|null");
                        }
                    }
                });
            }
            eventually(() -> assertThat(target())
                    .containsExactlyElementsOf(expected.entrySet().stream()
                            .map(each -> each.getKey() + "|" + each.getValue())
                            .toList()));
            eventually(() -> assertThat(sink.progress().lagRecords()).isZero());
            assertThat(sink.progress().lagMillis()).isZero();
            assertThat(sink.progress().tables().get(0).upserted()).isPositive();
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
        }
    }

    /** Counts what is done to each row, so that what was done twice shows even where the end is the same. */
    private void keepJournal() {
        rig.execute("CREATE TABLE journal (at bigserial, op text, id bigint, balance bigint)");
        rig.execute(
                """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO journal (op, id, balance) VALUES (tg_op, coalesce(NEW.id, OLD.id), NEW.balance);
                    RETURN NULL;
                END $$
                """);
        rig.execute(
                "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION note()");
    }

    private List<String> journal() {
        return rig.query("SELECT op, id, balance FROM journal ORDER BY at");
    }

    @Test
    void whatIsMadeAgainOrReadAgainChangesNothing() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            keepJournal();
            sink.start();
            Runnable work = () -> {
                for (long id = 0; id < 20; id++) {
                    producer.upsertAgain(ACCOUNTS, row(id, "n", id), id);
                }
                producer.deleteAgain(ACCOUNTS, ROWS, 20, 3L);
            };
            producer.inTransaction(work);
            eventually(() -> assertThat(target()).hasSize(19));
            List<String> before = journal();
            // The transform was set back: the same changes come again, behind the first ones.
            producer.inTransaction(work);
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, row(100L, "last", 0L), 21));
            eventually(() -> assertThat(target()).hasSize(20));
            assertThat(journal()).startsWith(before.toArray(new String[0])).hasSize(before.size() + 1);
            assertThat(rig.meters.get("sluice.sink.repeats").counter().count()).isEqualTo(21);
        }
        // Kafka's own offsets are set back: the ledger says where to go on.
        List<String> before = journal();
        rig.rewindGroup();
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, row(101L, "last", 0L), 30));
            eventually(() -> assertThat(target()).hasSize(21));
            assertThat(journal()).hasSize(before.size() + 1);
        }
    }

    @Test
    void whoLostItsPartitionsIsRefusedAndAsksTheGroupAgain() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            keepJournal();
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "a", 1L)));
            eventually(() -> assertThat(target()).hasSize(1));
            // Another sink takes every partition, and moves on past records that the first has yet to read.
            rig.execute("UPDATE sluice.applied SET epoch = epoch + 1");
            producer.inTransaction(() -> {
                for (long id = 0; id < 50; id++) {
                    producer.upsert(ACCOUNTS, row(id, "b", id));
                }
            });
            eventually(() -> assertThat(target()).hasSize(50));
            assertThat(rig.meters.get("sluice.sink.stale").counter().count()).isPositive();
            assertThat(journal()).as("each change once").hasSize(51);
        }
    }

    @Test
    void twoSinksShareThePartitionsAndNothingIsDoneTwice() {
        try (SinkStage one = rig.prepared(Map.of(ACCOUNTS, ROWS));
                SinkStage two = rig.sink();
                RowProducer producer = rig.producer()) {
            keepJournal();
            one.start();
            for (int round = 0; round < 10; round++) {
                long turn = round;
                producer.inTransaction(() -> {
                    for (long id = 0; id < 200; id++) {
                        producer.upsert(ACCOUNTS, row(id, "n", turn));
                    }
                });
                if (round == 3) {
                    two.start();
                }
                if (round == 8) {
                    one.close();
                }
            }
            eventually(() -> assertThat(rig.query("SELECT count(*), min(balance) FROM accounts"))
                    .containsExactly("200|9"));
            assertThat(rig.query(
                            "SELECT count(*) FROM (SELECT id, balance, lag(balance) OVER (PARTITION BY id ORDER BY at) "
                                    + "AS before FROM journal) j WHERE before >= balance"))
                    .as("keys that went back or were written twice")
                    .containsExactly("0");
        }
    }

    @Test
    void aTopicThatWasMadeAgainHalts() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "a", 1L)));
            eventually(() -> assertThat(target()).hasSize(1));
        }
        rig.recreateTopics();
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause())
                    .hasMessageContaining("TOPIC_RECREATED")
                    .hasMessageContaining("accounts");
        }
    }

    @Test
    void aTopicThatIsMadeAgainUnderARunningSinkHalts() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS))) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
            rig.recreateTopics();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).isInstanceOf(HaltException.class);
        }
    }

    @Test
    void recordsThatExpiredUnreadHalt() {
        try (RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> {
                for (long id = 0; id < 50; id++) {
                    producer.upsert(ACCOUNTS, row(id, "a", 1L));
                }
            });
        }
        rig.expire(10);
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS))) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("DATA_EXPIRED");
        }
    }

    @Test
    void terminatedBackendsAreReplacedAndNothingIsLostOrDoneTwice() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            keepJournal();
            sink.start();
            for (int round = 0; round < 20; round++) {
                long turn = round;
                producer.inTransaction(() -> {
                    for (long id = 0; id < 300; id++) {
                        producer.upsert(ACCOUNTS, row(id, "n", turn));
                    }
                });
                rig.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sluice-sink-%' "
                                + "AND datname = current_database()");
            }
            eventually(() -> assertThat(rig.query("SELECT count(*), min(balance) FROM accounts"))
                    .containsExactly("300|19"));
            assertThat(rig.query(
                            "SELECT count(*) FROM (SELECT id, balance, lag(balance) OVER (PARTITION BY id ORDER BY at) "
                                    + "AS before FROM journal) j WHERE before >= balance"))
                    .containsExactly("0");
            assertThat(rig.meters.get("sluice.sink.retries").counter().count()).isPositive();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void aMissingTableHaltsWithWhatToDoAndAMissingLedgerToo() {
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("LEDGER_MISSING");
        }
        try (SinkStage sink = rig.prepared(Map.of());
                RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "a", 1L)));
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("TARGET_TABLE_MISSING");
        }
    }

    @Test
    void aTableThatHadRowsIsNotMadeAnewForTheyWouldNotComeAgain() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "a", 1L)));
            sink.start();
            eventually(() -> assertThat(target()).hasSize(1));
        }
        rig.execute("DROP TABLE accounts");
        try (SinkStage sink = rig.sink()) {
            assertThat(sink.prepare(Map.of(ACCOUNTS, ROWS))).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                assertThat(finding.remedy()).contains("sluice backfill").contains("CREATE TABLE");
            });
            assertThat(rig.query("SELECT to_regclass('accounts') IS NULL")).containsExactly("t");
        }
    }

    @Test
    void aTargetThatIsNotThereIsWaitedForAndTheSinkStopsAllTheSame() {
        SinkRig nowhere = new SinkRig(
                KafkaServer.shared().bootstrapServers(),
                rig.pipeline.name(),
                new Database("127.0.0.1", 1, "nobody", "", "nothing", ""),
                List.of(ACCOUNTS));
        SinkStage sink = nowhere.sink();
        sink.start();
        eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.WAITING));
        assertThat(sink.status().cause()).hasMessageContaining("DATABASE_UNAVAILABLE");
        long began = System.nanoTime();
        sink.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(sink.status().state()).isEqualTo(StageState.STOPPED);
    }

    @Test
    void aStoppedSinkLeavesNoConnectionAndNoLock() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer();
                Connection blocker = rig.connect()) {
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "a", 1L)));
            eventually(() -> assertThat(target()).hasSize(1));
            // Someone holds a lock that the next batch needs: the sink must stop in the middle of it.
            blocker.setAutoCommit(false);
            blocker.createStatement().execute("LOCK TABLE accounts IN EXCLUSIVE MODE");
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "b", 2L)));
            eventually(
                    () -> assertThat(rig.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                    + "AND datname = current_database()"))
                            .containsExactly("1"));
            long began = System.nanoTime();
            sink.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
            blocker.rollback();
            eventually(() -> assertThat(rig.query("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE "
                            + "'sluice-sink-%' AND datname = current_database()"))
                    .containsExactly("0"));
            assertThat(target()).containsExactly("1|a|1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theLedgerReachesTheVeryEndOfItsTopics() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                for (long id = 0; id < 30; id++) {
                    producer.upsert(ACCOUNTS, row(id, "a", 1L));
                }
            });
            // 30 records, and behind them the marker that ends their transaction in each partition.
            eventually(() -> assertThat(rig.query("SELECT sum(position) FROM sluice.applied"))
                    .containsExactly(Integer.toString(30 + SinkRig.PARTITIONS)));
        }
    }
}
