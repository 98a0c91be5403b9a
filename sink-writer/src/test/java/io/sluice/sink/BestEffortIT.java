package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Keys that go on past rows which the target refuses, and that what they have passed does not come back. */
class BestEffortIT {

    private static final TargetTable PEOPLE = TargetTable.inDefaultSchema("people");
    private static final TargetTable KEPT = TargetTable.inDefaultSchema("kept");
    private static final TargetTable DONE = TargetTable.inDefaultSchema("done");
    private static final RowSchema ROWS = new RowSchema(
            "people",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("name", Simple.TEXT, "text", true),
                    new Column("note", Simple.TEXT, "text", true)),
            List.of("id"));
    private static final Map<TargetTable, RowSchema> ALL = Map.of(PEOPLE, ROWS, KEPT, ROWS, DONE, ROWS);

    private final SinkRig rig = SinkRig.bestEffort(
            KafkaServer.shared(),
            PostgresServer.shared().freshDatabase("effort"),
            "effort",
            table(PEOPLE).build(),
            table(KEPT).deletes(new DeletePolicy.Ignore()).build(),
            table(DONE).build());

    private static TableSpecBuilder table(TargetTable table) {
        return TableSpec.builder(table, new TableId("monolith", "public", table.table()));
    }

    private static Row row(long id, Object name, Object note) {
        return new Row(ROWS, new Object[] {id, name, note});
    }

    private List<String> people() {
        return rig.query("SELECT id, name, note FROM people ORDER BY id");
    }

    private List<String> held() {
        return rig.query("SELECT state, code FROM sluice.parked ORDER BY topic, partition, record_offset");
    }

    /** Returns once all that was sent before is applied or held: these rows come last to each partition. */
    private void settle(RowProducer producer, long round) {
        producer.inTransaction(() -> {
            for (long i = 0; i < 20; i++) {
                producer.upsert(DONE, row(round * 100 + i, "done", null));
            }
        });
        eventually(() -> assertThat(rig.query("SELECT count(*) FROM done WHERE id / 100 = " + round))
                .containsExactly("20"));
    }

    private void forbid(TargetTable table) {
        rig.execute("ALTER TABLE " + table.table() + " ADD CONSTRAINT good CHECK (name <> 'bad')");
    }

    @Test
    void laterRowsGoOnAndWhatTheyPassedIsNeitherReplayedNorBroughtBackByARestart() {
        List<DeadLetter> letters;
        try (SinkStage sink = rig.prepared(ALL);
                RowProducer producer = rig.producer()) {
            forbid(PEOPLE);
            sink.start();
            producer.inTransaction(() -> {
                for (long id = 1; id <= 4; id++) {
                    producer.upsert(PEOPLE, row(id, "bad", "first"));
                }
                producer.upsert(PEOPLE, row(9, "good", "first"));
            });
            eventually(() -> assertThat(rig.letters()).hasSize(4));
            assertThat(people()).containsExactly("9|good|first");
            producer.inTransaction(() -> {
                producer.upsert(PEOPLE, row(1, "good", "second"));
                producer.delete(PEOPLE, ROWS, 2L);
                producer.upsert(PEOPLE, row(3, Unchanged.UNCHANGED, "second"));
                producer.upsert(PEOPLE, row(4, "bad", "second"));
            });
            eventually(() -> assertThat(rig.letters()).hasSize(6));
            assertThat(people()).containsExactly("1|good|second", "9|good|first");
            // Of the third both, for the later one is made on the earlier; of the fourth the later alone.
            assertThat(held()).containsExactlyInAnyOrder("refused|23514", "parked|KEY_PARKED", "refused|23514");
            letters = rig.letters();
            assertThat(letters).extracting(letter -> letter.verdict().reason()).containsOnlyOnce(Reason.PARKED);
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
        }
        rig.execute("ALTER TABLE people DROP CONSTRAINT good");
        try (SinkStage sink = rig.sink()) {
            sink.start();
            letters.forEach(letter -> rig.ask(HeldRequest.Action.REPLAY, letter));
            eventually(() -> assertThat(held()).isEmpty());
            assertThat(people())
                    .as("the first and the second went on by themselves, the others come back as they were last")
                    .containsExactly("1|good|second", "3|bad|second", "4|bad|second", "9|good|first");
        }
    }

    @Test
    void whereDeletedRowsStayADeleteWaitsForTheRowThatItFollows() {
        try (SinkStage sink = rig.prepared(ALL);
                RowProducer producer = rig.producer()) {
            forbid(KEPT);
            sink.start();
            producer.inTransaction(() -> producer.upsert(KEPT, row(1, "bad", null)));
            eventually(() -> assertThat(rig.letters()).hasSize(1));
            producer.inTransaction(() -> producer.delete(KEPT, ROWS, 1L));
            eventually(() -> assertThat(held()).containsExactly("refused|23514", "parked|KEY_PARKED"));
            rig.execute("ALTER TABLE kept DROP CONSTRAINT good");
            rig.ask(HeldRequest.Action.REPLAY, rig.letters().get(0));
            eventually(() -> assertThat(held()).isEmpty());
            assertThat(rig.query("SELECT name FROM kept")).containsExactly("bad");
        }
    }

    @Test
    void inOneBatchTheLastRowOfEachKeyIsTheOneThatCounts() {
        try (SinkStage sink = rig.prepared(ALL);
                RowProducer producer = rig.producer()) {
            forbid(PEOPLE);
            producer.inTransaction(() -> {
                for (long id = 0; id < 300; id++) {
                    producer.upsert(PEOPLE, row(id, "good", "first"));
                    if (id % 100 == 0) {
                        producer.upsert(PEOPLE, row(id, "bad", "second"));
                        producer.upsert(PEOPLE, row(id, id == 0 ? "good" : "bad", "third"));
                    }
                }
            });
            sink.start();
            settle(producer, 1);
            eventually(() -> assertThat(rig.query("SELECT count(*) FILTER (WHERE note = 'first'),"
                            + " count(*) FILTER (WHERE note = 'third') FROM people"))
                    .containsExactly("299|1"));
            eventually(() -> assertThat(held()).isNotEmpty());
            rig.execute("ALTER TABLE people DROP CONSTRAINT good");
            eventually(() -> assertThat(rig.query("SELECT 1 FROM sluice.parked WHERE NOT relayed"))
                    .isEmpty());
            rig.letters().forEach(letter -> rig.ask(HeldRequest.Action.REPLAY, letter));
            eventually(() -> assertThat(held()).isEmpty());
            assertThat(rig.query("SELECT id, name FROM people WHERE note = 'third' ORDER BY id"))
                    .containsExactly("0|good", "100|bad", "200|bad");
        }
    }
}
