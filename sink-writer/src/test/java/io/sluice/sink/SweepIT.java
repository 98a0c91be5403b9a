package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SweepIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS = new RowSchema(
            "accounts",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("name", Simple.TEXT, "text", true)),
            List.of("id"));

    private final SinkRig rig =
            SinkRig.create(KafkaServer.shared(), PostgresServer.shared().freshDatabase("sweep"), "sweep", ACCOUNTS);

    private static Row row(long id, String name) {
        return new Row(ROWS, new Object[] {id, name});
    }

    private static void upsert(RowProducer producer, long from, long to, String name) {
        for (long id = from; id < to; id++) {
            producer.upsert(ACCOUNTS, row(id, name));
        }
    }

    private List<String> ids() {
        return rig.query("SELECT id FROM accounts ORDER BY id");
    }

    private static List<String> range(long from, long to) {
        return LongStream.range(from, to).mapToObj(Long::toString).toList();
    }

    private void awaitDone(String load) {
        eventually(() -> assertThat(rig.query("SELECT state FROM sluice.load WHERE load = '" + load + "'"))
                .containsExactly("done"));
    }

    @Test
    void whatALoadDidNotSeeGoesAndWhatItSawStays() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> upsert(producer, 0, 1_000, "old"));
            eventually(() -> assertThat(ids()).hasSize(1_000));
            producer.inTransaction(() -> {
                producer.markAll(ACCOUNTS, Kind.BEGIN, "2.1");
                upsert(producer, 0, 300, "loaded");
                upsert(producer, 700, 800, "loaded");
            });
            // One change partition says nothing yet: all is kept.
            producer.inTransaction(() -> {
                producer.mark(ACCOUNTS, Kind.END, "2.1", 0);
                upsert(producer, 1_000, 1_010, "new");
                producer.delete(ACCOUNTS, ROWS, 5L);
            });
            eventually(() -> assertThat(ids()).hasSize(1_009));
            assertThat(rig.query("SELECT state FROM sluice.load")).containsExactly("recording");
            producer.inTransaction(() -> {
                producer.mark(ACCOUNTS, Kind.END, "2.1", 1);
                producer.mark(ACCOUNTS, Kind.END, "2.1", 2);
                upsert(producer, 1_010, 1_020, "new");
            });
            awaitDone("2.1");
            assertThat(ids())
                    .hasSize(419)
                    .doesNotContain("5", "300", "699", "800", "999")
                    .contains("0", "799", "1019");
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
            assertThat(rig.query("SELECT count(*) FROM sluice.load_mark")).containsExactly("0");
            assertThat(rig.query("SELECT swept FROM sluice.load")).containsExactly("600");
            assertThat(sink.progress().tables().get(0).deleted()).isEqualTo(601);
            // What comes later is no load's business.
            producer.inTransaction(() -> upsert(producer, 2_000, 2_010, "later"));
            eventually(() -> assertThat(ids()).hasSize(429));
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
        }
    }

    @Test
    void aRowFromBeforeTheLoadThatComesLateIsNotTakenToBeSeen() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            // The rig sends each key's row by the change partition of its own number; only that of partition 0 has
            // begun.
            producer.inTransaction(() -> producer.mark(ACCOUNTS, Kind.BEGIN, "2.1", 0));
            producer.inTransaction(() -> upsert(producer, 0, 300, "old"));
            eventually(() -> assertThat(ids()).hasSize(300));
            List<String> seen = rig.query("SELECT k1 FROM sluice.seen_1 ORDER BY 1");
            assertThat(seen).isNotEmpty().hasSizeLessThan(200);
            producer.inTransaction(() -> {
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.1", 1);
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.1", 2);
                producer.markAll(ACCOUNTS, Kind.END, "2.1");
            });
            awaitDone("2.1");
            assertThat(ids()).containsExactlyInAnyOrderElementsOf(seen);
        }
    }

    @Test
    void aLoadThatWasGivenUpSweepsNothingAndTheNextOneSweepsForBoth() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                upsert(producer, 0, 100, "old");
                producer.markAll(ACCOUNTS, Kind.BEGIN, "2.1");
                upsert(producer, 0, 60, "first");
                // It had ended in one partition when it was given up.
                producer.mark(ACCOUNTS, Kind.END, "2.1", 0);
            });
            producer.inTransaction(() -> {
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.2", 0);
                producer.mark(ACCOUNTS, Kind.END, "2.1", 1);
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.2", 1);
                producer.mark(ACCOUNTS, Kind.END, "2.1", 2);
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.2", 2);
                upsert(producer, 0, 40, "second");
            });
            awaitDone("2.1");
            assertThat(ids()).hasSize(100);
            assertThat(rig.query("SELECT superseded FROM sluice.load ORDER BY number"))
                    .containsExactly("t", "f");
            assertThat(rig.query("SELECT DISTINCT load FROM sluice.seen_1")).containsExactly("2");
            producer.inTransaction(() -> producer.markAll(ACCOUNTS, Kind.END, "2.2"));
            awaitDone("2.2");
            assertThat(ids()).isEqualTo(range(0, 40));
        }
    }

    @Test
    void aLoadThatWasCancelledIsNotRecordedOnAndALaterOneSweeps() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                upsert(producer, 0, 100, "old");
                producer.markAll(ACCOUNTS, Kind.BEGIN, "2.1");
                upsert(producer, 0, 60, "first");
            });
            eventually(() ->
                    assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("60"));
            producer.inTransaction(() -> producer.giveUp(ACCOUNTS, "2.1"));
            awaitDone("2.1");
            producer.inTransaction(() -> upsert(producer, 100, 110, "later"));
            eventually(() -> assertThat(ids()).isEqualTo(range(0, 110)));
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");

            producer.inTransaction(() -> {
                producer.markAll(ACCOUNTS, Kind.BEGIN, "2.2");
                upsert(producer, 0, 40, "second");
                producer.markAll(ACCOUNTS, Kind.END, "2.2");
            });
            awaitDone("2.2");
            assertThat(ids()).isEqualTo(range(0, 40));
        }
    }

    @Test
    void markersThatAreMadeAgainChangeNothing() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            Runnable load = () -> {
                for (int i = 0; i < SinkRig.PARTITIONS; i++) {
                    producer.markAgain(ACCOUNTS, Kind.BEGIN, "2.1", true, i, 1_000);
                }
                for (long id = 0; id < 50; id++) {
                    producer.upsertAgain(ACCOUNTS, row(id, "loaded"), 2_000 + id);
                }
                for (int i = 0; i < SinkRig.PARTITIONS; i++) {
                    producer.markAgain(ACCOUNTS, Kind.END, "2.1", true, i, 3_000);
                }
            };
            producer.inTransaction(() -> upsert(producer, 0, 100, "old"));
            producer.inTransaction(load);
            awaitDone("2.1");
            assertThat(ids()).isEqualTo(range(0, 50));
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, row(70, "later"), 4_000));
            producer.inTransaction(load);
            producer.inTransaction(() -> producer.upsertAgain(ACCOUNTS, row(71, "later"), 4_001));
            eventually(() -> assertThat(ids()).hasSize(52));
            assertThat(rig.query("SELECT load, state, swept FROM sluice.load")).containsExactly("2.1|done|50");
        }
    }

    @Test
    void aFirstLoadSweepsNothing() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            rig.execute("INSERT INTO accounts VALUES (1000, 'was here')");
            sink.start();
            producer.inTransaction(() -> {
                for (Kind kind : Kind.values()) {
                    for (int i = 0; i < SinkRig.PARTITIONS; i++) {
                        producer.markAgain(ACCOUNTS, kind, "1.1", false, i, kind == Kind.BEGIN ? 1 : 2);
                    }
                }
                for (long id = 10; id < 20; id++) {
                    producer.upsertAgain(ACCOUNTS, row(id, "loaded"), id);
                }
            });
            eventually(() -> assertThat(ids()).hasSize(11));
            assertThat(rig.query("SELECT count(*) FROM sluice.load")).containsExactly("0");
        }
    }

    @Test
    void severalSinksSweepOneTableWhileRowsComeInAndNoneOfTheseIsLost() {
        try (SinkStage one = rig.prepared(Map.of(ACCOUNTS, ROWS));
                SinkStage two = rig.sink();
                SinkStage three = rig.sink();
                RowProducer producer = rig.producer()) {
            one.start();
            two.start();
            three.start();
            producer.inTransaction(() -> upsert(producer, 0, 6_000, "old"));
            eventually(() -> assertThat(ids()).hasSize(6_000));
            producer.inTransaction(() -> {
                producer.markAll(ACCOUNTS, Kind.BEGIN, "2.1");
                upsert(producer, 0, 1_000, "loaded");
                producer.markAll(ACCOUNTS, Kind.END, "2.1");
            });
            // Keys that the sweep is about to delete come back, and new ones, all over the table, while it is at work.
            for (int round = 0; round < 50; round++) {
                long first = 1_000L + round;
                producer.inTransaction(() -> {
                    for (long id = first; id < 8_000; id += 100) {
                        producer.upsert(ACCOUNTS, row(id, "back"));
                    }
                });
            }
            awaitDone("2.1");
            List<String> expected = LongStream.range(0, 8_000)
                    .filter(id -> id < 1_000 || id % 100 < 50)
                    .mapToObj(Long::toString)
                    .toList();
            eventually(() -> assertThat(ids()).isEqualTo(expected));
            assertThat(List.of(one, two, three))
                    .allSatisfy(sink -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }
}
