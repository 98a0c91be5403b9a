package io.sluice.sink.timescale;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Place;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HypertablePlanTest {

    private static final TargetTable TICKS = TargetTable.inDefaultSchema("ticks");
    static final RowSchema ROWS = new RowSchema(
            "ticks",
            List.of(
                    new Column("time", Simple.TIMESTAMPTZ, "timestamp with time zone", false),
                    new Column("symbol", Simple.TEXT, "text", false),
                    new Column("bid", Simple.FLOAT64, "double precision", true)),
            List.of("time", "symbol"));
    private static final AggregateSpec BARS = new AggregateSpec(
            "bars_1m",
            Duration.ofMinutes(1),
            List.of("symbol"),
            Map.of("high", "max(bid)"),
            Optional.of(Duration.ofSeconds(30)),
            Place.NOWHERE);
    static final HypertableSpec EVERYTHING = new HypertableSpec(
            "time",
            Duration.ofDays(1),
            Optional.of(Duration.ofDays(7)),
            List.of("symbol"),
            Optional.of(Duration.ofDays(365)),
            Optional.of(new HypertableSpec.Space("symbol", 4)),
            List.of(BARS),
            Place.NOWHERE);
    private static final HypertableSpec BARE = bare("time", Duration.ofDays(1));
    private static final Edition WHOLE = new Edition("2.19.3", true);
    private static final Edition APACHE = new Edition("2.19.3", false);
    private static final HypertableState PLAIN = new HypertableState(true, List.of(), false, Map.of(), Set.of());

    private static HypertableSpec bare(String time, Duration chunk) {
        return new HypertableSpec(
                time, chunk, Optional.empty(), List.of(), Optional.empty(), Optional.empty(), List.of(), Place.NOWHERE);
    }

    private static HypertableState hypertable(long seconds, Map<String, Long> policies) {
        return new HypertableState(
                false, List.of(new HypertableState.Dimension("time", seconds, 0)), false, policies, Set.of());
    }

    private static HypertablePlan plan(HypertableSpec spec, Edition edition, HypertableState state) {
        return HypertablePlan.of(TICKS, ROWS, spec, edition, state);
    }

    private static List<String> statements(HypertablePlan plan) {
        return plan.steps().stream().map(HypertablePlan.Step::sql).toList();
    }

    @Test
    void aPlainTableGetsAllThatTheFileAsksFor() {
        HypertablePlan plan = plan(EVERYTHING, WHOLE, PLAIN);

        assertThat(plan.findings()).isEmpty();
        assertThat(statements(plan))
                .containsExactly(
                        "SELECT create_hypertable('\"public\".\"ticks\"'::regclass, 'time', chunk_time_interval => INTERVAL"
                                + " '86400 seconds', create_default_indexes => false)",
                        "SELECT add_dimension('\"public\".\"ticks\"'::regclass, 'symbol', number_partitions => 4)",
                        "ALTER TABLE \"public\".\"ticks\" SET (timescaledb.compress, timescaledb.compress_segmentby ="
                                + " '\"symbol\"', timescaledb.compress_orderby = '\"time\" DESC')",
                        "SELECT add_compression_policy('\"public\".\"ticks\"'::regclass, INTERVAL '604800 seconds')",
                        "SELECT add_retention_policy('\"public\".\"ticks\"'::regclass, INTERVAL '31536000 seconds')",
                        "CREATE MATERIALIZED VIEW \"public\".\"bars_1m\" WITH (timescaledb.continuous,"
                                + " timescaledb.materialized_only = false) AS SELECT time_bucket(INTERVAL '60 seconds', \"time\")"
                                + " AS bucket, \"symbol\", max(bid) AS \"high\" FROM \"public\".\"ticks\" GROUP BY 1, 2 WITH"
                                + " NO DATA",
                        "SELECT add_continuous_aggregate_policy('\"public\".\"bars_1m\"'::regclass, start_offset => INTERVAL"
                                + " '31536000 seconds', end_offset => INTERVAL '60 seconds', schedule_interval => INTERVAL"
                                + " '30 seconds')");
    }

    @Test
    void whatTheApacheEditionCantDoIsToldAndLeftOut() {
        HypertablePlan plan = plan(EVERYTHING, APACHE, PLAIN);

        assertThat(statements(plan))
                .hasSize(2)
                .allMatch(sql -> sql.contains("create_hypertable") || sql.contains("add_dimension"));
        assertThat(plan.findings()).hasSize(3).noneMatch(Finding::isError);
        assertThat(plan.findings().get(1).remedy()).contains("SELECT drop_chunks(");
        assertThat(plan.findings().get(2).remedy())
                .contains("CREATE VIEW \"public\".\"bars_1m\" AS SELECT time_bucket");
    }

    @Test
    void aHypertableThatIsAsAskedNeedsNothing() {
        HypertableState state = new HypertableState(
                false,
                List.of(
                        new HypertableState.Dimension("time", 86_400, 0),
                        new HypertableState.Dimension("symbol", 0, 4)),
                true,
                Map.of(HypertableState.COMPRESSION, 604_800L, HypertableState.RETENTION, 31_536_000L),
                Set.of("bars_1m"));

        HypertablePlan plan = plan(EVERYTHING, WHOLE, state);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.findings()).isEmpty();
    }

    @Test
    void aKeyThatDoesNotBeginWithTheTimeGetsAnIndexThatDoes() {
        RowSchema bySymbol = new RowSchema("ticks", ROWS.columns(), List.of("symbol", "time"));

        assertThat(new HypertableSql(TICKS, BARE).create(bySymbol, false)).contains("create_default_indexes => true");
    }

    @Test
    void aTableWithRowsIsNotConvertedUnasked() {
        HypertablePlan plan = plan(EVERYTHING, WHOLE, new HypertableState(false, List.of(), false, Map.of(), Set.of()));

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.isError()).isTrue();
            assertThat(finding.remedy()).contains("migrate_data => true");
        });
    }

    @Test
    void anotherTimeIsRefusedAndOtherChunksAreTold() {
        assertThat(plan(bare("at", Duration.ofDays(1)), WHOLE, hypertable(86_400, Map.of()))
                        .findings())
                .singleElement()
                .matches(Finding::isError);
        assertThat(plan(bare("time", Duration.ofHours(1)), WHOLE, hypertable(86_400, Map.of()))
                        .findings())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.isError()).isFalse();
                    assertThat(finding.remedy())
                            .contains("set_chunk_time_interval")
                            .contains("'3600 seconds'");
                });
    }

    @Test
    void rowsThatAreDroppedSoonerThanTheFileSaysAreAnError() {
        Map<String, Long> soon = Map.of(HypertableState.RETENTION, 86_400L);

        assertThat(plan(BARE, WHOLE, hypertable(86_400, soon)).findings())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.isError()).isTrue();
                    assertThat(finding.problem()).contains("dropped at 1 days, and the file keeps them for ever");
                    assertThat(finding.remedy()).contains("remove_retention_policy");
                });
    }

    @Test
    void whatNoHypertableCanBeIsRefused() {
        RowSchema rows = new RowSchema(
                "ticks",
                List.of(
                        new Column("time", Simple.INT64, "bigint", false),
                        new Column("id", Simple.INT64, "bigint", false)),
                List.of("id"));

        assertThat(HypertablePlan.impossible(TICKS, rows, EVERYTHING))
                .extracting(Finding::problem)
                .containsExactly(
                        "a column of type bigint can't say when a row is from",
                        "the key of a hypertable must contain the columns that its rows are spread by, and this one lacks time,"
                                + " symbol");
        assertThat(HypertablePlan.impossible(TICKS, ROWS, bare("at", Duration.ofDays(1))))
                .extracting(Finding::problem)
                .contains("its rows have no such column to be chunked by");
    }
}
