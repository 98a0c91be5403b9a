package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.NeededServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables of a real TimescaleDB; where it is the Apache edition, what that can't do is told. */
class HypertableIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TargetTable TICKS = TargetTable.inDefaultSchema("ticks");
    private static final TargetTable BARS = TargetTable.inDefaultSchema("bars");
    private static final RowSchema ROWS = new RowSchema(
            "ticks",
            List.of(
                    new Column("time", Simple.TIMESTAMPTZ, "timestamp with time zone", false),
                    new Column("symbol", Simple.TEXT, "text", false),
                    new Column("bid", Simple.FLOAT64, "double precision", true),
                    new Column("note", Simple.TEXT, "text", true)),
            List.of("time", "symbol"));
    private static final long NOON = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2026-03-01T12:00:00Z"));
    private static final long DAY = 86_400_000_000L;

    @BeforeEach
    void needsTimescale() {
        NeededServer.timescale();
    }

    private static HypertableSpec hypertable(Optional<Duration> retain) {
        return new HypertableSpec(
                "time",
                Duration.ofDays(1),
                Optional.of(Duration.ofDays(7)),
                List.of("symbol"),
                retain,
                Optional.empty(),
                List.of(new AggregateSpec(
                        "bars_1m",
                        Duration.ofMinutes(1),
                        List.of("symbol"),
                        Map.of("high", "max(bid)"),
                        Optional.empty(),
                        Place.NOWHERE)),
                Place.NOWHERE);
    }

    private static TableSpec table(TargetTable table, WriteSpec write, Optional<Duration> retain) {
        return TableSpec.builder(table, new TableId("monolith", "public", table.table()))
                .write(write)
                .hypertable(hypertable(retain))
                .build();
    }

    private static SinkRig rig(Database database, TableSpec... tables) {
        return SinkRig.of(KafkaServer.shared(), database, "chunks", tables);
    }

    private static Row tick(long time, String symbol, Object bid, Object note) {
        return new Row(ROWS, new Object[] {time, symbol, bid, note});
    }

    private static boolean isWhole(SinkRig rig) {
        return rig.query("SELECT current_setting('timescaledb.license')").equals(List.of("timescale"));
    }

    @Test
    void rowsAreUpsertedMovedAndDeletedInTheirChunks() {
        Database database = PostgresServer.sharedTimescale().freshDatabase("ticks");
        SinkRig rig = rig(
                database,
                table(TICKS, WriteSpec.firstWins(), Optional.empty()),
                table(BARS, WriteSpec.upsert(), Optional.empty()));
        try (SinkStage sink = rig.prepared(Map.of(TICKS, ROWS, BARS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            for (TargetTable table : List.of(TICKS, BARS)) {
                producer.inTransaction(() -> {
                    for (int day = 0; day < 5; day++) {
                        producer.upsert(table, tick(NOON + day * DAY, "BTC", 1.0, "first"));
                        producer.upsert(table, tick(NOON + day * DAY, "ETH", 1.0, "first"));
                    }
                });
                await().atMost(PATIENCE)
                        .until(() -> rig.query("SELECT 1 FROM " + table.table()).size() == 10);
                producer.inTransaction(() -> {
                    producer.upsert(table, tick(NOON, "BTC", 2.0, Unchanged.UNCHANGED));
                    producer.upsert(table, tick(NOON + DAY, "BTC", 3.0, "second"));
                    // Its time changes: gone from its chunk, there in another.
                    producer.delete(table, ROWS, NOON + 2 * DAY, "BTC");
                    producer.upsert(table, tick(NOON + 40 * DAY, "BTC", 1.0, "moved"));
                });
                await().atMost(PATIENCE)
                        .until(() -> !rig.query("SELECT 1 FROM " + table.table() + " WHERE note = 'moved'")
                                .isEmpty());
            }
            assertThat(changed(rig, "ticks")).as("the first one wins").containsExactly("1|1|first", "2|1|first");
            assertThat(changed(rig, "bars")).containsExactly("1|2|first", "2|3|second");
            assertThat(rig.query("SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'bars'"))
                    .containsExactly("6");
        }
        assertThat(new TargetPreparation(rig.pipeline, rig.service).check(Map.of(TICKS, ROWS, BARS, ROWS)))
                .as("what was prepared is as it was asked for, but for the edition")
                .allMatch(finding -> !isWhole(rig) && finding.problem().contains("Apache edition"));
    }

    private static List<String> changed(SinkRig rig, String table) {
        return rig.query("SELECT extract(day FROM time AT TIME ZONE 'UTC')::int, bid::int, note FROM " + table
                + " WHERE symbol = 'BTC' AND time < '2026-03-03' ORDER BY time");
    }

    @Test
    void partOfARowThatWasDroppedForItsAgeIsNothingToWriteTo() {
        Database database = PostgresServer.sharedTimescale().freshDatabase("kept");
        SinkRig rig = rig(database, table(TICKS, WriteSpec.upsert(), Optional.of(Duration.ofDays(30))));
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        try (SinkStage sink = rig.prepared(Map.of(TICKS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.upsert(TICKS, tick(now - 60 * DAY, "BTC", 1.0, "old"));
                producer.upsert(TICKS, tick(now, "BTC", 1.0, "new"));
            });
            await().atMost(PATIENCE)
                    .until(() -> rig.query("SELECT 1 FROM ticks").size() == 2);
            rig.execute("SELECT drop_chunks('ticks', older_than => INTERVAL '30 days')");
            producer.inTransaction(() -> {
                producer.upsert(TICKS, tick(now - 60 * DAY, "BTC", 2.0, Unchanged.UNCHANGED));
                producer.upsert(TICKS, tick(now, "BTC", 2.0, Unchanged.UNCHANGED));
            });
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rig.query("SELECT bid::int, note FROM ticks"))
                    .containsExactly("2|new"));
            // A young row that is not there was lost in another way.
            producer.inTransaction(() -> producer.upsert(TICKS, tick(now + DAY, "BTC", 2.0, Unchanged.UNCHANGED)));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("ROW_MISSING");
        }
    }

    @Test
    void theExtensionIsMadeWhereTheServerHasItAndMissedWhereNot() {
        Database timescale = PostgresServer.sharedTimescale().freshDatabase("bare");
        SinkRig rig = rig(timescale, table(TICKS, WriteSpec.upsert(), Optional.empty()));
        rig.execute("DROP EXTENSION timescaledb");
        assertThat(errors(rig)).isEmpty();
        assertThat(rig.query("SELECT hypertable_name FROM timescaledb_information.hypertables"))
                .containsExactly("ticks");

        SinkRig plain =
                rig(PostgresServer.shared().freshDatabase("plain"), table(TICKS, WriteSpec.upsert(), Optional.empty()));
        assertThat(errors(plain)).singleElement().satisfies(finding -> assertThat(finding.problem())
                .contains("its server has no TimescaleDB"));
    }

    @Test
    void aPlainTableWithRowsStaysOne() {
        Database database = PostgresServer.sharedTimescale().freshDatabase("plain");
        SinkRig rig = rig(database, table(TICKS, WriteSpec.upsert(), Optional.empty()));
        rig.execute(
                "CREATE TABLE ticks (time timestamptz, symbol text, bid float8, note text, PRIMARY KEY (time, symbol))");
        rig.execute("INSERT INTO ticks VALUES (now(), 'BTC', 1, null)");
        assertThat(errors(rig)).singleElement().satisfies(finding -> {
            assertThat(finding.problem()).contains("a plain table with rows");
            rig.execute(finding.remedy()
                    .substring(
                            finding.remedy().indexOf("SELECT"), finding.remedy().indexOf(';')));
        });
        assertThat(errors(rig)).as("after what it told to run").isEmpty();
        assertThat(rig.query("SELECT symbol FROM ticks")).containsExactly("BTC");
    }

    private static List<Finding> errors(SinkRig rig) {
        return new TargetPreparation(rig.pipeline, rig.service)
                .prepare(Map.of(TICKS, ROWS), () -> "cluster").stream()
                        .filter(Finding::isError)
                        .toList();
    }
}
