package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
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
}
