package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of several tables that need one another, and come in any order. */
class ForeignKeyIT {

    private static final TargetTable TRADES = TargetTable.inDefaultSchema("trades");
    private static final TargetTable FILLS = TargetTable.inDefaultSchema("fills");
    private static final RowSchema TRADE = new RowSchema(
            "trades",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("code", Simple.TEXT, "text", false)),
            List.of("id"));
    private static final RowSchema FILL = new RowSchema(
            "fills",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("trade", Simple.INT64, "bigint", false)),
            List.of("id"));

    private final SinkRig rig =
            SinkRig.create(KafkaServer.shared(), PostgresServer.shared().freshDatabase("keys"), "keys", TRADES, FILLS);

    @BeforeEach
    void constrain() {
        rig.prepared(Map.of(TRADES, TRADE, FILLS, FILL)).close();
        rig.execute("ALTER TABLE fills ADD FOREIGN KEY (trade) REFERENCES trades (id)");
        rig.execute("CREATE UNIQUE INDEX ON trades (code)");
    }

    private static void trade(RowProducer producer, long id, String code) {
        producer.upsert(TRADES, new Row(TRADE, new Object[] {id, code}));
    }

    private static void fill(RowProducer producer, long id, long trade) {
        producer.upsert(FILLS, new Row(FILL, new Object[] {id, trade}));
    }

    private void expect(String trades, String fills) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    assertThat(rig.query("SELECT string_agg(id || code, ',' ORDER BY id) FROM trades"))
                            .containsExactly(trades);
                    assertThat(rig.query("SELECT string_agg(id || '>' || trade, ',' ORDER BY id) FROM fills"))
                            .containsExactly(fills);
                });
    }

    @Test
    void aChildThatComesLongBeforeItsParentWaitsForIt() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> fill(producer, 1, 1));
            await().untilAsserted(() -> assertThat(held()).containsExactly("waiting"));
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
            producer.inTransaction(() -> trade(producer, 1, "a"));
            expect("1a", "1>1");
            assertThat(held()).isEmpty();
            assertThat(rig.letters()).isEmpty();
            await().untilAsserted(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void aFamilyThatIsDeletedGoesChildrenFirstAndAValueThatItFreesIsTaken() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                trade(producer, 1, "a");
                trade(producer, 2, "b");
                fill(producer, 1, 1);
                fill(producer, 2, 2);
            });
            expect("1a,2b", "1>1,2>2");
            producer.inTransaction(() -> {
                producer.delete(FILLS, FILL, 1L);
                producer.delete(TRADES, TRADE, 1L);
                trade(producer, 3, "a");
                fill(producer, 3, 3);
            });
            expect("2b,3a", "2>2,3>3");
        }
    }

    private List<String> held() {
        return rig.query("SELECT state FROM sluice.parked ORDER BY topic, partition, record_offset");
    }

    @Test
    void laterChangesOfARowThatWaitsDoNotOvertakeIt() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                trade(producer, 2, "b");
                fill(producer, 1, 2);
            });
            expect("2b", "1>2");
            producer.inTransaction(() -> fill(producer, 1, 1));
            await().untilAsserted(() -> assertThat(held()).containsExactly("waiting"));
            producer.inTransaction(() -> {
                fill(producer, 1, 2);
                producer.delete(FILLS, FILL, 1L);
                fill(producer, 1, 3);
            });
            await().untilAsserted(() -> assertThat(held()).hasSize(4).containsOnly("waiting"));
            expect("2b", "1>2");
            producer.inTransaction(() -> trade(producer, 3, "c"));
            expect("2b,3c", "1>3");
            await().untilAsserted(() -> assertThat(held()).isEmpty());
        }
    }

    @Test
    void aUniqueValueIsHandedOverInWhicheverOrderTheTwoRowsCome() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> trade(producer, 1, "a"));
            await().untilAsserted(
                            () -> assertThat(rig.query("SELECT id FROM trades")).hasSize(1));
            producer.inTransaction(() -> trade(producer, 2, "a"));
            await().untilAsserted(() -> assertThat(held()).containsExactly("waiting"));
            producer.inTransaction(() -> trade(producer, 1, "z"));
            await().untilAsserted(() -> assertThat(rig.query("SELECT id || code FROM trades ORDER BY id"))
                    .containsExactly("1z", "2a"));
            await().untilAsserted(() -> assertThat(held()).isEmpty());
        }
    }

    @Test
    void aConstraintThatIsCheckedAtTheCommitHoldsExactlyTheRowThatBreaksIt() {
        rig.execute("ALTER TABLE fills ALTER CONSTRAINT fills_trade_fkey DEFERRABLE INITIALLY DEFERRED");
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                trade(producer, 2, "b");
                fill(producer, 1, 1);
                fill(producer, 2, 2);
            });
            expect("2b", "2>2");
            assertThat(held()).containsExactly("waiting");
            producer.inTransaction(() -> trade(producer, 1, "a"));
            expect("1a,2b", "1>1,2>2");
        }
    }

    @Test
    void aParentThatNeverComesMakesItsChildADeadLetterAndTheOthersGoOn() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                trade(producer, 2, "b");
                fill(producer, 1, 1);
                fill(producer, 2, 2);
            });
            expect("2b", "2>2");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(held()).containsExactly("refused"));
            await().untilAsserted(() -> assertThat(rig.letters()).hasSize(1));
            assertThat(rig.letters().get(0).verdict().code()).isEqualTo("23503");
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
        }
    }

    /** A first load, in which the children come first and their parents' rows are still being read. */
    @Test
    void whatALoadMayStillBringIsWaitedForAsLongAsItTakes() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.firstLoad(TRADES, LoadMarker.Kind.BEGIN, "1.1");
                fill(producer, 1, 1);
                fill(producer, 2, 2);
                fill(producer, 3, 9);
            });
            await().atMost(Duration.ofSeconds(30))
                    .during(SinkRig.QUICK.order().multipliedBy(3))
                    .failFast(() -> held().contains("refused"))
                    .until(() -> held().equals(List.of("waiting", "waiting", "waiting")));
            producer.inTransaction(() -> {
                producer.load(TRADES, new Row(TRADE, new Object[] {1L, "a"}));
                producer.load(TRADES, new Row(TRADE, new Object[] {2L, "b"}));
            });
            expect("1a,2b", "1>1,2>2");
            assertThat(held()).containsExactly("waiting");
            producer.inTransaction(() -> producer.firstLoad(TRADES, LoadMarker.Kind.END, "1.1"));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(held()).containsExactly("refused"));
            await().untilAsserted(() -> assertThat(rig.letters()).hasSize(1));
        }
    }

    /** What the source has published and the transform has not mapped yet may be what a row waits for. */
    @Test
    void whatTheTransformHasYetToMapIsWaitedFor() {
        long end = rig.publishChange(TRADES);
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> fill(producer, 1, 1));
            await().atMost(Duration.ofSeconds(30))
                    .during(SinkRig.QUICK.order().multipliedBy(2))
                    .failFast(() -> held().contains("refused"))
                    .until(() -> held().equals(List.of("waiting")));
            rig.transformHasPassed(TRADES, end);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(held()).containsExactly("refused"));
        }
    }

    /** Each of the two has to wait for the other; they come in different partitions. */
    @Test
    void aUniqueValueThatTwoRowsSwapIsSwapped() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                trade(producer, 1, "a");
                trade(producer, 2, "b");
                trade(producer, 3, "c");
            });
            await().untilAsserted(
                            () -> assertThat(rig.query("SELECT id FROM trades")).hasSize(3));
            producer.inTransaction(() -> trade(producer, 1, "b"));
            await().untilAsserted(() -> assertThat(held()).containsExactly("waiting"));
            producer.inTransaction(() -> {
                trade(producer, 2, "a");
                trade(producer, 3, "d");
            });
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(rig.query("SELECT id || code FROM trades ORDER BY id"))
                            .containsExactly("1b", "2a", "3d"));
            await().untilAsserted(() -> assertThat(held()).isEmpty());
            assertThat(rig.letters()).isEmpty();
        }
    }

    private void countAttempts(TargetTable table) {
        rig.execute("CREATE SEQUENCE attempts");
        rig.execute("CREATE FUNCTION attempt() RETURNS trigger LANGUAGE plpgsql AS "
                + "$$ BEGIN PERFORM nextval('attempts'); RETURN NULL; END $$");
        rig.execute("CREATE TRIGGER attempt BEFORE INSERT ON " + table.table()
                + " FOR EACH STATEMENT EXECUTE FUNCTION attempt()");
    }

    private long attempts() {
        return Long.parseLong(rig.query("SELECT last_value FROM attempts").get(0));
    }

    /** Which of them clash is asked in one statement; to try each would take four. */
    @Test
    void thousandsOfRowsWhoseUniqueValuesOthersHaveTakeFewStatements() {
        long many = 20_000;
        rig.execute("INSERT INTO trades SELECT g, 'c' || g FROM generate_series(0, " + (many - 1) + ") g");
        countAttempts(TRADES);
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.firstLoad(TRADES, LoadMarker.Kind.BEGIN, "1.1");
                for (long id = 0; id < many; id++) {
                    trade(producer, many + id, "c" + id);
                    // In one batch or not, only one of two that bring the same value can have it.
                    if (id % 10 == 0) {
                        trade(producer, 2 * many + id, "d" + id);
                        trade(producer, 3 * many + id, "d" + id);
                    }
                }
            });
            await().atMost(Duration.ofMinutes(2))
                    .untilAsserted(() -> assertThat(rig.query("SELECT count(*) FROM sluice.parked"))
                            .containsExactly("22000"));
            System.out.println(attempts() + " attempts until " + many + " clashing rows were held");
            producer.inTransaction(() -> {
                for (long id = many - 1; id >= 0; id--) {
                    trade(producer, id, "free" + id);
                    if (id % 10 == 0) {
                        producer.delete(TRADES, TRADE, 2 * many + id);
                        producer.delete(TRADES, TRADE, 3 * many + id);
                    }
                }
                producer.firstLoad(TRADES, LoadMarker.Kind.END, "1.1");
            });
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(
                            rig.query("SELECT count(*), count(*) FILTER (WHERE code LIKE 'c%') FROM trades"))
                    .containsExactly("40000|20000"));
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(held()).isEmpty());
            assertThat(rig.letters()).isEmpty();
            assertThat(attempts()).isLessThan(many / 20);
        }
    }

    @Test
    void thousandsOfRowsThatSwapTheirUniqueValuesTakeFewStatements() {
        long many = 4_000;
        rig.execute("INSERT INTO trades SELECT g, 'c' || g FROM generate_series(0, " + (many - 1) + ") g");
        countAttempts(TRADES);
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> {
                for (long id = 0; id < many; id++) {
                    trade(producer, id, "c" + (id ^ 1));
                }
            });
            sink.start();
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(
                            rig.query("SELECT count(*) FROM trades WHERE code = 'c' || (id + 1 - 2 * (id % 2))"))
                    .containsExactly("4000"));
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(held()).isEmpty());
            assertThat(rig.letters()).isEmpty();
            System.out.println(attempts() + " attempts until " + many + " rows had swapped");
            assertThat(attempts()).isLessThan(many / 20);
        }
    }

    /** Which of them lack their parents is asked in one statement; to try each would take four. */
    @Test
    void thousandsOfChildrenThatComeFirstTakeFewStatements() {
        countAttempts(FILLS);
        long many = 50_000;
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.firstLoad(TRADES, LoadMarker.Kind.BEGIN, "1.1");
                for (long id = 0; id < many; id++) {
                    fill(producer, id, id);
                }
            });
            await().atMost(Duration.ofMinutes(2))
                    .untilAsserted(() -> assertThat(rig.query("SELECT count(*) FROM sluice.parked"))
                            .containsExactly("50000"));
            producer.inTransaction(() -> {
                for (long id = many - 1; id >= 0; id--) {
                    producer.load(TRADES, new Row(TRADE, new Object[] {id, "c" + id}));
                }
                producer.firstLoad(TRADES, LoadMarker.Kind.END, "1.1");
            });
            await().atMost(Duration.ofMinutes(2))
                    .untilAsserted(() ->
                            assertThat(rig.query("SELECT count(*) FROM fills")).containsExactly("50000"));
            await().untilAsserted(() -> assertThat(held()).isEmpty());
            assertThat(rig.letters()).isEmpty();
            assertThat(attempts()).isLessThan(many / 20);
        }
    }
}
