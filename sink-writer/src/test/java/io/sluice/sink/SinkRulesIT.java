package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.WriteSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the pipeline file says of a table's writes, from its row topic to its rows. */
class SinkRulesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final TargetTable ENTRIES = TargetTable.inDefaultSchema("entries");
    private static final TargetTable PLACES = TargetTable.inDefaultSchema("places");
    private static final RowSchema ROWS = new RowSchema(
            "t",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("v", Simple.TEXT, "text", true),
                    new Column("at", Simple.TIMESTAMPTZ, "timestamp with time zone", true)),
            List.of("id"));

    private static TableSpecBuilder table(TargetTable table) {
        return TableSpec.builder(table, new TableId("monolith", "public", table.table()));
    }

    private static Row row(Object... values) {
        return new Row(ROWS, values);
    }

    @Test
    void eachTableFollowsItsOwnRules() {
        SinkRig rig = SinkRig.of(
                KafkaServer.shared(),
                PostgresServer.shared().freshDatabase("sink"),
                "rules",
                table(ACCOUNTS)
                        .write(WriteSpec.upserting(List.of("at")))
                        .deletes(new DeletePolicy.Soft("deleted_at"))
                        .build(),
                table(ENTRIES)
                        .write(WriteSpec.appendOnly())
                        .deletes(new DeletePolicy.Ignore())
                        .build(),
                table(PLACES)
                        .conflict(new ConflictSpec(
                                ConflictSpec.Resolution.LAST_WRITE_WINS, Optional.of("at"), true, Place.NOWHERE))
                        .build());
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS, ENTRIES, ROWS, PLACES, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            for (TargetTable table : List.of(ACCOUNTS, ENTRIES, PLACES)) {
                producer.inTransaction(() -> {
                    producer.upsert(table, row(1L, "first", 2_000_000L));
                    producer.upsert(table, row(2L, "other", 1_000_000L));
                });
                // In one batch the later of two would not come to the target at all.
                await().atMost(PATIENCE)
                        .until(() ->
                                rig.query("SELECT id FROM " + table.table()).size() == 2);
                producer.inTransaction(() -> producer.upsert(table, row(1L, "second", 1_000_000L)));
                producer.inTransaction(() -> producer.delete(table, ROWS, 2L));
            }
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(
                                rig.query(
                                        "SELECT id, v, extract(epoch FROM at)::int, deleted_at IS NULL FROM accounts ORDER BY id"))
                        .containsExactly("1|first|1|t", "2|other|1|f");
                assertThat(rig.query("SELECT id, v FROM entries ORDER BY id")).containsExactly("1|first", "2|other");
                assertThat(rig.query("SELECT id, v FROM places ORDER BY id")).containsExactly("1|first");
                assertThat(sink.progress().lagRecords()).isZero();
            });
            assertThat(rig.meters
                            .counter(
                                    "sluice.sink.conflicts",
                                    "pipeline",
                                    rig.pipeline.name(),
                                    "service",
                                    rig.service.name(),
                                    "table",
                                    PLACES.toString())
                            .count())
                    .isEqualTo(1);
        }
    }
}
