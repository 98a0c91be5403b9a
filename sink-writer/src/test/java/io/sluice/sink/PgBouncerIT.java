package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.postgres.LocalPgBouncer;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.NeededServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.TargetSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A target behind a pooler that may give every transaction another session. */
class PgBouncerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final TargetTable ITEMS = TargetTable.inDefaultSchema("items");
    private static final RowSchema ROWS = new RowSchema(
            "items",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("at", Simple.TIMESTAMPTZ, "timestamp with time zone", true),
                    new Column("v", Simple.TEXT, "text", true)),
            List.of("id"));

    @BeforeEach
    void needsDebiansPackages() {
        NeededServer.pgBouncer();
    }

    @Test
    void transactionsNeedNoSessionOfTheirOwn() {
        Database database = PostgresServer.shared().freshDatabase("pooled");
        try (LocalPgBouncer pooler = LocalPgBouncer.startTemporary(
                database.host(), database.port(), database.user(), database.password(), 2)) {
            Database pooled =
                    new Database("127.0.0.1", pooler.port(), database.user(), database.password(), database.name(), "");
            SinkRig rig =
                    SinkRig.at(KafkaServer.shared(), TargetSpec.postgresql(pooled.url()), database, "pooled", ITEMS);
            // Three sinks and two sessions: nobody keeps one.
            try (SinkStage one = rig.prepared(Map.of(ITEMS, ROWS));
                    SinkStage two = rig.sink();
                    SinkStage three = rig.sink();
                    RowProducer producer = rig.producer()) {
                one.start();
                two.start();
                three.start();
                for (int round = 0; round < 60; round++) {
                    long from = round * 10L;
                    producer.inTransaction(() -> {
                        for (long id = from; id < from + 10; id++) {
                            producer.upsert(ITEMS, new Row(ROWS, new Object[] {id, id * 1_000_000, "first"}));
                        }
                        if (from > 0) {
                            producer.upsert(
                                    ITEMS, new Row(ROWS, new Object[] {from - 1, Unchanged.UNCHANGED, "second"}));
                            producer.delete(ITEMS, ROWS, from - 2);
                        }
                    });
                    if (round % 10 == 0) {
                        awaitRound(rig, round);
                    }
                }
                awaitRound(rig, 59);
                assertThat(rig.query("SELECT count(*), count(*) FILTER (WHERE v = 'second'), "
                                + "count(*) FILTER (WHERE extract(epoch FROM at) = id) FROM items"))
                        .containsExactly("541|59|541");
                for (SinkStage sink : List.of(one, two, three)) {
                    assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
                }
                assertThat(rig.meters.get("sluice.sink.retries").counter().count())
                        .as("a pooler is noticed once by each sink, not again and again")
                        .isLessThan(20);
            }
        }
    }

    private static void awaitRound(SinkRig rig, int round) {
        int expected = (round + 1) * 10 - round;
        await().atMost(PATIENCE).until(() -> rig.query("SELECT 1 FROM items").size() == expected);
    }
}
