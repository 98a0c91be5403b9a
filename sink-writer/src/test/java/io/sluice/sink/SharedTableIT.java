package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.TruncatePolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several source tables write one target table. */
class SharedTableIT {

    private static final TargetTable EVENTS = TargetTable.inDefaultSchema("events");
    private static final TableId OLD = new TableId("monolith", "public", "old");
    private static final TableId NEW = new TableId("monolith", "public", "new");
    private static final TableId ABROAD = new TableId("abroad", "public", "old");
    private static final RowSchema ROWS = new RowSchema(
            "events",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("name", Simple.TEXT, "text", true),
                    new Column("at", Simple.INT64, "bigint", true)),
            List.of("id"));
    private static final RowSchema NAMED = new RowSchema(
            "events",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("name", Simple.TEXT, "text", true),
                    new Column("region", Simple.TEXT, "text", false)),
            List.of("region", "id"));

    private static TableSpecBuilder both() {
        return TableSpec.builder(EVENTS, List.of(OLD, NEW));
    }

    private static TableSpec disjoint() {
        return both().disjointKeys(true).build();
    }

    private static TableSpecBuilder lastWins() {
        return both().conflict(new ConflictSpec(
                ConflictSpec.Resolution.LAST_WRITE_WINS, Optional.of("at"), false, Place.NOWHERE));
    }

    private static SinkRig eventual(TableSpec table) {
        return SinkRig.of(KafkaServer.shared(), PostgresServer.shared().freshDatabase("shared"), "shared", table);
    }

    private static Row row(long id, String name, long at) {
        return new Row(ROWS, new Object[] {id, name, at});
    }

    private static void upsert(RowProducer producer, TableId from, long first, long end, String name) {
        producer.from(from);
        for (long id = first; id < end; id++) {
            producer.upsert(EVENTS, row(id, name, 0));
        }
    }

    private static String count(SinkRig rig, String name) {
        return rig.query("SELECT count(*) FROM events WHERE name = '" + name + "'")
                .get(0);
    }

    private static List<String> holders(SinkRig rig) {
        return rig.query("SELECT h.k1, s.name FROM sluice.holders_1 h JOIN sluice.source s ON s.number = h.source "
                + "ORDER BY 1, 2");
    }

    private static void awaitDone(SinkRig rig, TableId source, String load) {
        eventually(() -> assertThat(rig.query(
                        "SELECT state FROM sluice.load WHERE load = '" + load + "' AND source = '" + source + "'"))
                .containsExactly("done"));
    }

    @Test
    void twoLoadsAtOnceUnderOneNameSweepEachItsOwnAndALaterOneToo() {
        SinkRig rig = eventual(disjoint());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                upsert(producer, OLD, 0, 600, "old");
                upsert(producer, NEW, 1_000, 1_600, "new");
            });
            eventually(
                    () -> assertThat(rig.query("SELECT count(*) FROM events")).containsExactly("1200"));
            producer.inTransaction(() -> {
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(NEW).markAll(EVENTS, Kind.BEGIN, "2.1");
                upsert(producer, OLD, 0, 500, "old");
                upsert(producer, NEW, 1_000, 1_400, "new");
                producer.from(OLD).markAll(EVENTS, Kind.END, "2.1");
            });
            awaitDone(rig, OLD, "2.1");
            assertThat(count(rig, "old")).isEqualTo("500");
            assertThat(count(rig, "new")).as("its own load is not over").isEqualTo("600");
            assertThat(rig.query("SELECT state FROM sluice.load WHERE source = '" + NEW + "'"))
                    .containsExactly("recording");
            producer.inTransaction(() -> producer.from(NEW).markAll(EVENTS, Kind.END, "2.1"));
            awaitDone(rig, NEW, "2.1");
            assertThat(count(rig, "old")).isEqualTo("500");
            assertThat(count(rig, "new")).isEqualTo("400");

            producer.inTransaction(() -> {
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "3.1");
                upsert(producer, OLD, 0, 10, "again");
                producer.from(OLD).markAll(EVENTS, Kind.END, "3.1");
            });
            awaitDone(rig, OLD, "3.1");
            assertThat(count(rig, "old")).isEqualTo("0");
            assertThat(count(rig, "again")).isEqualTo("10");
            assertThat(count(rig, "new")).isEqualTo("400");
            assertThat(rig.query("SELECT count(*) FROM sluice.holders_1")).containsExactly("410");
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
        }
    }

    @Test
    void aLoadIsNotForgottenWhileBatchesComeThatSayNothingOfIt() {
        SinkRig rig = eventual(disjoint());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(NEW).markAll(EVENTS, Kind.BEGIN, "2.1");
                upsert(producer, NEW, 1_000, 1_100, "new");
            });
            eventually(() -> assertThat(count(rig, "new")).isEqualTo("100"));
            producer.inTransaction(() -> upsert(producer, OLD, 0, 100, "old"));
            eventually(() -> assertThat(count(rig, "old")).isEqualTo("100"));
            producer.inTransaction(() -> upsert(producer, NEW, 1_100, 1_200, "new"));
            eventually(() -> assertThat(count(rig, "new")).isEqualTo("200"));
            producer.inTransaction(() -> producer.from(NEW).markAll(EVENTS, Kind.END, "2.1"));
            awaitDone(rig, NEW, "2.1");
            assertThat(count(rig, "new")).as("all were seen by the load").isEqualTo("200");
            assertThat(count(rig, "old")).isEqualTo("100");
        }
    }

    private static RowSchema named(String keyType) {
        return new RowSchema(
                "events",
                List.of(
                        new Column("id", Simple.TEXT, keyType, false),
                        new Column("name", Simple.TEXT, "text", true),
                        new Column("at", Simple.INT64, "bigint", true)),
                List.of("id"));
    }

    @Test
    void whatKeepsTheSourcesOfRowsBecomesWiderWithTheirKey() {
        RowSchema before = named("character varying(3)");
        RowSchema after = named("character varying(9)");
        SinkRig rig = eventual(lastWins().build());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, before));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).upsert(EVENTS, new Row(before, new Object[] {"a", "old", 1L}));
                producer.from(NEW).upsert(EVENTS, new Row(before, new Object[] {"a", "new", 2L}));
            });
            eventually(() -> assertThat(holders(rig)).hasSize(2));
            producer.inTransaction(
                    () -> producer.from(NEW).upsert(EVENTS, new Row(after, new Object[] {"longer", "new", 2L})));
            eventually(() ->
                    assertThat(rig.query("SELECT id FROM events ORDER BY 1")).containsExactly("a", "longer"));
            assertThat(holders(rig)).hasSize(3);
            producer.inTransaction(() -> producer.from(NEW).delete(EVENTS, after, "a"));
            producer.inTransaction(() -> producer.from(NEW).delete(EVENTS, after, "longer"));
            eventually(() -> assertThat(rig.query("SELECT id FROM events"))
                    .as("the other one has it")
                    .containsExactly("a"));
            assertThat(holders(rig)).hasSize(1);
        }
    }

    @Test
    void aLoadThatBeginsAnewTakesThePlaceOfThatOfItsOwnTableAlone() {
        SinkRig rig = eventual(disjoint());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(NEW).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.2");
                upsert(producer, NEW, 1, 2, "new");
            });
            eventually(() -> assertThat(count(rig, "new")).isEqualTo("1"));
            awaitDone(rig, OLD, "2.1");
            assertThat(rig.query("SELECT source, load FROM sluice.load WHERE state = 'recording' ORDER BY 1"))
                    .containsExactly(NEW + "|2.1", OLD + "|2.2");
        }
    }

    @Test
    void aRowGoesWhenTheLastOfItsTablesNoLongerHasItAndTheLatestWriteIsWhatItIs() {
        SinkRig rig = eventual(lastWins().build());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).upsert(EVENTS, row(1, "old", 10));
                producer.from(NEW).upsert(EVENTS, row(1, "new", 20));
                producer.from(OLD).upsert(EVENTS, row(1, "older", 15));
                producer.from(OLD).upsert(EVENTS, row(2, "old", 10));
                producer.from(NEW).upsert(EVENTS, row(3, "new", 10));
                // Of one key, in one batch, behind another table's row.
                producer.from(NEW).upsert(EVENTS, row(4, "new", 10));
                producer.from(OLD).upsert(EVENTS, row(4, "old", 5));
                producer.from(OLD).delete(EVENTS, ROWS, 4L);
                // Here nobody has it in between, so that what comes is as old as it likes.
                producer.from(OLD).upsert(EVENTS, row(5, "old", 50));
                producer.from(OLD).delete(EVENTS, ROWS, 5L);
                producer.from(NEW).upsert(EVENTS, row(5, "new", 1));
            });
            eventually(() -> assertThat(rig.query("SELECT id, name FROM events ORDER BY id"))
                    .containsExactly("1|new", "2|old", "3|new", "4|new", "5|new"));
            producer.inTransaction(() -> {
                producer.from(OLD).delete(EVENTS, ROWS, 1L);
                producer.from(OLD).delete(EVENTS, ROWS, 2L);
                producer.from(OLD).upsert(EVENTS, row(6, "old", 1));
            });
            eventually(() -> assertThat(rig.query("SELECT id, name FROM events ORDER BY id"))
                    .containsExactly("1|new", "3|new", "4|new", "5|new", "6|old"));
            // What a load of the one did not see stays while the other has it.
            producer.inTransaction(() -> {
                producer.from(OLD).upsert(EVENTS, row(3, "old", 5));
                producer.from(NEW).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(NEW).load(EVENTS, row(1, "new", 20));
                producer.from(NEW).markAll(EVENTS, Kind.END, "2.1");
            });
            awaitDone(rig, NEW, "2.1");
            assertThat(rig.query("SELECT id, name FROM events ORDER BY id")).containsExactly("1|new", "3|new", "6|old");
            assertThat(holders(rig)).containsExactly("1|" + NEW, "3|" + OLD, "6|" + OLD);
            producer.inTransaction(() -> {
                producer.from(NEW).delete(EVENTS, ROWS, 1L);
                producer.from(OLD).delete(EVENTS, ROWS, 3L);
            });
            eventually(
                    () -> assertThat(rig.query("SELECT id, name FROM events")).containsExactly("6|old"));
        }
    }

    @Test
    void aRowIsMarkedOnlyWhenTheLastOfItsTablesNoLongerHasIt() {
        SinkRig rig = eventual(lastWins().deletes(new DeletePolicy.Soft("gone")).build());
        rig.execute(
                "CREATE TABLE events (id bigint PRIMARY KEY, name text, at bigint, gone boolean NOT NULL DEFAULT false)");
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).upsert(EVENTS, row(1, "old", 10));
                producer.from(NEW).upsert(EVENTS, row(1, "new", 20));
                producer.from(OLD).delete(EVENTS, ROWS, 1L);
                producer.from(OLD).upsert(EVENTS, row(2, "old", 10));
                producer.from(OLD).delete(EVENTS, ROWS, 2L);
            });
            eventually(() -> assertThat(rig.query("SELECT id, name, gone FROM events ORDER BY id"))
                    .containsExactly("1|new|f", "2|old|t"));
            producer.inTransaction(() -> producer.from(NEW).delete(EVENTS, ROWS, 1L));
            eventually(() -> assertThat(rig.query("SELECT gone FROM events WHERE id = 1"))
                    .containsExactly("t"));
        }
    }

    @Test
    void whereTheKeyNamesTheSourceALoadSweepsWhatBearsItsName() {
        SinkRig rig = eventual(TableSpec.builder(EVENTS, List.of(OLD, ABROAD))
                .key(List.of("region", "id"))
                .columns(new ColumnsSpec(
                        List.of(new ColumnSpec(
                                "region",
                                new ColumnValue.Variable(ColumnValue.VariableName.SOURCE, Optional.empty()),
                                Optional.empty(),
                                Optional.empty(),
                                Place.NOWHERE)),
                        true,
                        List.of(),
                        Optional.empty()))
                .build());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, NAMED));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                for (long id = 0; id < 300; id++) {
                    producer.from(OLD).upsert(EVENTS, new Row(NAMED, new Object[] {id, "here", "monolith"}));
                    producer.from(ABROAD).upsert(EVENTS, new Row(NAMED, new Object[] {id, "there", "abroad"}));
                }
                producer.from(ABROAD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(ABROAD).load(EVENTS, new Row(NAMED, new Object[] {7L, "there", "abroad"}));
                producer.from(ABROAD).markAll(EVENTS, Kind.END, "2.1");
            });
            awaitDone(rig, ABROAD, "2.1");
            assertThat(count(rig, "here")).isEqualTo("300");
            assertThat(rig.query("SELECT id FROM events WHERE region = 'abroad'"))
                    .containsExactly("7");
            assertThat(rig.query("SELECT count(*) FROM sluice.shared")).containsExactly("0");
        }
    }

    @Test
    void aStrongServiceEmptiesWhatIsOfTheTruncatedTableInItsOrder() {
        SinkRig rig = SinkRig.strongOf(
                KafkaServer.shared(),
                PostgresServer.shared().freshDatabase("shared"),
                "shared",
                both().disjointKeys(true).onTruncate(TruncatePolicy.APPLY).build());
        try (SinkStage sink = rig.prepared(Map.of(EVENTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.transaction("1", () -> {
                    upsert(producer, OLD, 0, 50, "old");
                    upsert(producer, NEW, 100, 150, "new");
                });
                // A row that went from one table to the other, whichever of the two is told first, is there.
                producer.transaction("2", () -> {
                    producer.from(NEW).upsert(EVENTS, row(1, "moved", 0));
                    producer.from(OLD).delete(EVENTS, ROWS, 1L);
                    producer.from(OLD).delete(EVENTS, ROWS, 2L);
                    producer.from(NEW).upsert(EVENTS, row(2, "moved", 0));
                });
                producer.transaction("3", () -> {
                    producer.from(OLD).upsert(EVENTS, row(60, "old", 0));
                    producer.from(OLD).truncate(EVENTS);
                    producer.from(OLD).upsert(EVENTS, row(70, "old", 0));
                });
            });
            eventually(() -> assertThat(rig.query("SELECT name, count(*) FROM events GROUP BY 1 ORDER BY 1"))
                    .containsExactly("moved|2", "new|50", "old|1"));
            producer.inTransaction(() -> {
                producer.from(NEW).markAll(EVENTS, Kind.BEGIN, "2.1");
                for (long id = 100; id < 110; id++) {
                    producer.from(NEW).load(EVENTS, row(id, "loaded", 0));
                }
                producer.from(NEW).markAll(EVENTS, Kind.END, "2.1");
            });
            awaitDone(rig, NEW, "2.1");
            assertThat(rig.query("SELECT name, count(*) FROM events GROUP BY 1 ORDER BY 1"))
                    .containsExactly("loaded|10", "old|1");
        }
    }

    @Test
    void rowsOfATableThatGetsAnotherSourceAreKnownOnceTheyAreLoadedAgain() {
        SinkRig rig = eventual(disjoint());
        rig.execute("CREATE TABLE events (id bigint PRIMARY KEY, name text, at bigint)");
        rig.execute("INSERT INTO events SELECT g, 'before', 0 FROM generate_series(1, 10) g");
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            assertThat(sink.prepare(Map.of(EVENTS, ROWS)))
                    .extracting(Object::toString)
                    .anyMatch(finding -> finding.contains("nobody knows which of its source tables"));
            assertThat(sink.prepare(Map.of(EVENTS, ROWS))).isEmpty();
            sink.start();
            producer.inTransaction(() -> {
                producer.from(OLD).markAll(EVENTS, Kind.BEGIN, "2.1");
                producer.from(OLD).load(EVENTS, row(1, "old", 0));
                producer.from(OLD).markAll(EVENTS, Kind.END, "2.1");
                producer.from(NEW).delete(EVENTS, ROWS, 2L);
                producer.from(NEW).delete(EVENTS, ROWS, 1L);
            });
            awaitDone(rig, OLD, "2.1");
            eventually(
                    () -> assertThat(rig.query("SELECT count(*) FROM events")).containsExactly("9"));
            assertThat(holders(rig)).containsExactly("1|" + OLD);
        }
    }
}
