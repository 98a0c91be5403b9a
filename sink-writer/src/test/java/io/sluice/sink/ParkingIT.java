package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that the target refuses, in a service whose keys go side by side. */
class ParkingIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS = new RowSchema(
            "accounts",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("name", Simple.TEXT, "text", true),
                    new Column("balance", new LogicalType.Numeric(null, null), "numeric", true)),
            List.of("id"));

    private final Database database = PostgresServer.shared().freshDatabase("parking");
    private final SinkRig rig = SinkRig.create(KafkaServer.shared(), database, "parking", ACCOUNTS);

    private static Row row(long id, Object name, Object balance) {
        return new Row(ROWS, new Object[] {id, name, balance});
    }

    private static Row good(long id) {
        return row(id, "n" + id, "1");
    }

    /** Ways in which a row may not fit. */
    enum Bad {
        CHECK("23514", "ALTER TABLE accounts ADD CHECK (balance < 1000)", "topsecret", "4711"),
        NOT_NULL("23502", "ALTER TABLE accounts ALTER name SET NOT NULL", null, "1"),
        NUL("22021", "SELECT 1", "top\u0000secret", "1"),
        OVERFLOW("22003", "ALTER TABLE accounts ADD CHECK (balance::int2 > 0)", "topsecret", "40000"),
        NO_NUMBER("22P02", "ALTER TABLE accounts ADD CHECK (name <> 'topsecret' OR name::int = 1)", "topsecret", "1"),
        TRIGGER(
                "P0001",
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.name = 'topsecret' THEN RAISE 'no % here', NEW.name; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse()
                """,
                "topsecret",
                "1");

        private final String code;
        private final String constraint;
        private final @Nullable String name;
        private final String balance;

        Bad(String code, String constraint, @Nullable String name, String balance) {
            this.code = code;
            this.constraint = constraint;
            this.name = name;
            this.balance = balance;
        }

        Row row(long id) {
            return ParkingIT.row(id, name, balance);
        }
    }

    private List<String> ids() {
        return rig.query("SELECT id FROM accounts ORDER BY id");
    }

    private List<String> parked() {
        return rig.query("SELECT state, code, relayed FROM sluice.parked ORDER BY topic, partition, record_offset");
    }

    @ParameterizedTest
    @EnumSource(Bad.class)
    void oneBadRowAmongAThousandIsALetterAndTheOthersAreThere(Bad bad) {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(bad.constraint);
            producer.inTransaction(() -> {
                for (long id = 0; id < 1_000; id++) {
                    producer.upsert(ACCOUNTS, id == 617 ? bad.row(id) : good(id));
                }
            });
            sink.start();
            eventually(() -> assertThat(parked()).containsExactly("refused|" + bad.code + "|t"));
            assertThat(ids()).hasSize(999).doesNotContain("617");
            DeadLetter letter = rig.letters().get(0);
            assertThat(rig.letters()).hasSize(1);
            assertThat(letter.verdict().stage()).isEqualTo("sink");
            assertThat(letter.verdict().reason()).isEqualTo(Reason.REFUSED);
            assertThat(letter.verdict().code()).isEqualTo(bad.code);
            assertThat(letter.verdict().problem()).doesNotContain("topsecret", "4711", "617");
            assertThat(letter.verdict().position()).isEqualTo("1/269/1");
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void laterChangesOfItsKeyFollowItAndOthersDoNot() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            sink.start();
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, good(1));
                producer.upsert(ACCOUNTS, good(2));
            });
            eventually(() -> assertThat(ids()).hasSize(2));
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, Bad.CHECK.row(1L)));
            eventually(() -> assertThat(parked()).hasSize(1));
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, row(1, "later", Unchanged.UNCHANGED));
                producer.upsert(ACCOUNTS, row(2, "later", Unchanged.UNCHANGED));
                producer.delete(ACCOUNTS, ROWS, 1L);
            });
            eventually(() -> assertThat(parked())
                    .containsExactly("refused|23514|t", "parked|KEY_PARKED|t", "parked|KEY_PARKED|t"));
            assertThat(rig.query("SELECT id, name, balance FROM accounts ORDER BY id"))
                    .containsExactly("1|n1|1", "2|later|1");
            assertThat(rig.letters())
                    .extracting(each -> each.verdict().reason())
                    .containsExactly(Reason.REFUSED, Reason.PARKED, Reason.PARKED);
        }
    }

    @Test
    void inOneBatchExactlyTheChangeThatDoesNotFitIsRefusedAndWhatCameBeforeItIsThere() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, good(1));
                producer.upsert(ACCOUNTS, row(1, "second", Unchanged.UNCHANGED));
                producer.upsert(ACCOUNTS, row(1, Unchanged.UNCHANGED, "4711"));
                producer.upsert(ACCOUNTS, row(1, "fourth", Unchanged.UNCHANGED));
                producer.upsert(ACCOUNTS, good(2));
            });
            sink.start();
            eventually(() -> assertThat(parked()).containsExactly("refused|23514|t", "parked|KEY_PARKED|t"));
            assertThat(rig.query("SELECT id, name, balance FROM accounts ORDER BY id"))
                    .containsExactly("1|second|1", "2|n2|1");
        }
    }

    @Test
    void manyBadRowsAreAllFoundAndTooManyHalt() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            producer.inTransaction(() -> {
                for (long id = 0; id < 2_000; id++) {
                    producer.upsert(ACCOUNTS, id % 20 == 3 ? Bad.CHECK.row(id) : good(id));
                }
            });
            sink.start();
            eventually(() -> assertThat(parked()).hasSize(100).containsOnly("refused|23514|t"));
            assertThat(ids()).hasSize(1_900);
            assertThat(rig.letters()).hasSize(100);
            producer.inTransaction(() -> {
                for (long id = 10_000; id < 12_000; id++) {
                    producer.upsert(ACCOUNTS, Bad.CHECK.row(id));
                }
            });
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("DEAD_LETTERS_TOO_MANY");
            assertThat(sink.status().cause().getMessage()).doesNotContain("topsecret");
            assertThat(parked()).hasSize(100);
        }
        rig.execute("ALTER TABLE accounts DROP CONSTRAINT accounts_balance_check");
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(() -> assertThat(ids()).hasSize(3_900));
            assertThat(rig.letters()).hasSize(100);
        }
    }

    @Test
    void aReplayAppliesWhatWaitsInItsOrderOrLeavesItHeldAndSaysSo() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, Bad.CHECK.row(1)));
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1, "later", Unchanged.UNCHANGED)));
            eventually(() -> assertThat(rig.letters()).hasSize(2));
            DeadLetter letter = rig.letters().get(0);
            rig.ask(HeldRequest.Action.REPLAY, letter);
            eventually(() -> assertThat(rig.query("SELECT asked FROM sluice.parked WHERE state = 'refused'"))
                    .containsExactly("0-0"));
            assertThat(parked()).hasSize(2);
            rig.execute("ALTER TABLE accounts DROP CONSTRAINT accounts_balance_check");
            rig.ask(HeldRequest.Action.REPLAY, rig.letters().get(1));
            eventually(() -> assertThat(parked()).isEmpty());
            assertThat(rig.query("SELECT id, name, balance FROM accounts")).containsExactly("1|later|4711");
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1, "free", Unchanged.UNCHANGED)));
            eventually(() -> assertThat(rig.query("SELECT name FROM accounts")).containsExactly("free"));
            assertThat(rig.letters()).hasSize(2);
        }
    }

    @Test
    void aDiscardedKeyGoesOnWithTheFirstChangeThatSaysAllOfItsRowAlsoAfterARestart() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, Bad.CHECK.row(1)));
            eventually(() -> assertThat(rig.letters()).hasSize(1));
            rig.ask(HeldRequest.Action.DISCARD, rig.letters().get(0));
            eventually(() -> assertThat(parked()).containsExactly("discarded|KEY_DISCARDED|t"));
        }
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.upsertAgain(ACCOUNTS, row(1, "partial", Unchanged.UNCHANGED), 100);
                producer.upsertAgain(ACCOUNTS, good(2), 101);
            });
            eventually(() -> assertThat(ids()).containsExactly("2"));
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, good(1), 102));
            eventually(() -> assertThat(ids()).containsExactly("1", "2"));
            assertThat(parked()).isEmpty();
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, Bad.CHECK.row(1), 103));
            // The old request is read again, and is not about this one.
            eventually(() -> assertThat(parked()).containsExactly("refused|23514|t"));
        }
    }

    @Test
    void aParkedRowCountsAsMetSoThatNoSweepDeletesIt() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                for (long id = 0; id < 100; id++) {
                    producer.upsert(ACCOUNTS, good(id));
                }
            });
            eventually(() -> assertThat(ids()).hasSize(100));
            rig.execute(Bad.CHECK.constraint);
            producer.inTransaction(() -> {
                producer.markAll(ACCOUNTS, LoadMarker.Kind.BEGIN, "2.1");
                for (long id = 0; id < 50; id++) {
                    producer.upsert(ACCOUNTS, id == 7 ? Bad.CHECK.row(id) : good(id));
                }
                producer.markAll(ACCOUNTS, LoadMarker.Kind.END, "2.1");
            });
            eventually(
                    () -> assertThat(rig.query("SELECT state FROM sluice.load")).containsExactly("done"));
            assertThat(ids()).hasSize(50).contains("7");
            assertThat(rig.query("SELECT name, balance FROM accounts WHERE id = 7"))
                    .containsExactly("n7|1");
            eventually(() -> assertThat(parked()).containsExactly("refused|23514|t"));
        }
    }

    @Test
    void lettersThatCouldNotBeSentBeforeAStopAreSentAfterIt() {
        rig.deleteLetters();
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute(Bad.CHECK.constraint);
            sink.start();
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, Bad.CHECK.row(1));
                producer.upsert(ACCOUNTS, good(2));
            });
            eventually(() -> assertThat(ids()).containsExactly("2"));
            assertThat(parked()).containsExactly("refused|23514|f");
        }
        rig.createTopics();
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(() -> assertThat(parked()).containsExactly("refused|23514|t"));
            await().during(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(rig.lettersAsWritten()).hasSize(1));
        }
    }

    @Test
    void aTargetThatIsAwayFillsNoDeadLetters() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
            String name = rig.query("SELECT current_database()").get(0);
            Database other = PostgresServer.shared().freshDatabase("other");
            SinkRig.execute(other, "ALTER DATABASE \"" + name + "\" ALLOW_CONNECTIONS false");
            SinkRig.execute(
                    other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
            producer.inTransaction(() -> {
                for (long id = 0; id < 200; id++) {
                    producer.upsert(ACCOUNTS, good(id));
                }
            });
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.WAITING));
            SinkRig.execute(other, "ALTER DATABASE \"" + name + "\" ALLOW_CONNECTIONS true");
            eventually(() -> assertThat(ids()).hasSize(200));
            assertThat(parked()).isEmpty();
            assertThat(rig.letters()).isEmpty();
        }
    }
}
