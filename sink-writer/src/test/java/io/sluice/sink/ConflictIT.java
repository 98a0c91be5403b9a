package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.HeldRequest.Action;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that somebody else changed in the target, where a person decides who prevails. */
class ConflictIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS = new RowSchema(
            "accounts",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("v", Simple.TEXT, "text", true),
                    new Column("at", Simple.INT64, "bigint", true)),
            List.of("id"));

    private final SinkRig rig = SinkRig.of(
            KafkaServer.shared(),
            PostgresServer.shared().freshDatabase("conflicts"),
            "conflicts",
            TableSpec.builder(ACCOUNTS, new TableId("monolith", "public", "accounts"))
                    .conflict(new ConflictSpec(ConflictSpec.Resolution.MANUAL, Optional.of("at"), true, Place.NOWHERE))
                    .build());

    private static Row row(Object... values) {
        return new Row(ROWS, values);
    }

    @BeforeEach
    void prepare() {
        rig.prepared(Map.of(ACCOUNTS, ROWS)).close();
        rig.execute("INSERT INTO accounts VALUES (1, 'theirs', 50)");
    }

    private List<String> rows() {
        return rig.query("SELECT id, v, at FROM accounts ORDER BY id");
    }

    private List<String> held() {
        return rig.query("SELECT state, code FROM sluice.parked ORDER BY topic, partition, record_offset");
    }

    private double counted() {
        return rig.meters
                .counter(
                        "sluice.sink.conflicts",
                        "pipeline",
                        rig.pipeline.name(),
                        "service",
                        rig.service.name(),
                        "table",
                        ACCOUNTS.toString())
                .count();
    }

    @Test
    void theTargetsRowStaysLaterChangesOfItsKeyFollowAndOthersGoOn() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, row(1L, "topsecret", 40L));
                producer.upsert(ACCOUNTS, row(2L, "other", 40L));
            });
            eventually(() -> assertThat(held()).containsExactly("conflict|CONFLICT"));
            eventually(() -> assertThat(rows()).containsExactly("1|theirs|50", "2|other|40"));
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, row(1L, "later", 60L));
                producer.delete(ACCOUNTS, ROWS, 1L);
                producer.upsert(ACCOUNTS, row(2L, "again", 40L));
            });
            eventually(() -> assertThat(held())
                    .containsExactly("conflict|CONFLICT", "following|KEY_IN_CONFLICT", "following|KEY_IN_CONFLICT"));
            eventually(() -> assertThat(rows()).containsExactly("1|theirs|50", "2|again|40"));
            assertThat(rig.query("SELECT problem FROM sluice.parked WHERE state = 'conflict'"))
                    .containsExactly("the target's row is newer, by at");
            assertThat(counted()).isEqualTo(1);
            assertThat(rig.letters()).isEmpty();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void theSourcesRowsPrevailInTheirOrderWhereThatIsDecidedAlsoWhileNoSinkRuns() {
        try (RowProducer producer = rig.producer()) {
            try (SinkStage sink = rig.sink()) {
                sink.start();
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "ours", 40L)));
                eventually(() -> assertThat(held()).hasSize(1));
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, Unchanged.UNCHANGED, 30L)));
                eventually(() -> assertThat(held()).hasSize(2));
            }
            rig.askAll(Action.TAKE_SOURCE);
            // Not what is asked about conflicts.
            rig.askAll(Action.REPLAY);
            try (SinkStage sink = rig.sink()) {
                sink.start();
                eventually(() -> assertThat(held()).isEmpty());
                assertThat(rows()).containsExactly("1|ours|30");
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "free", 31L)));
                eventually(() -> assertThat(rows()).containsExactly("1|free|31"));
                assertThat(held()).isEmpty();
            }
        }
    }

    @Test
    void theTargetsRowPrevailsUntilTheSourceHasANewerOneAndTheOldRequestIsNotAboutTheNextConflict() {
        try (RowProducer producer = rig.producer()) {
            try (SinkStage sink = rig.sink()) {
                sink.start();
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "ours", 40L)));
                eventually(() -> assertThat(held()).hasSize(1));
                rig.askAll(Action.TAKE_TARGET);
                eventually(() -> assertThat(held()).isEmpty());
                assertThat(rows()).containsExactly("1|theirs|50");
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "newer", 51L)));
                eventually(() -> assertThat(rows()).containsExactly("1|newer|51"));
                rig.execute("UPDATE accounts SET v = 'theirs again', at = 70");
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "ours again", 60L)));
                eventually(() -> assertThat(held()).containsExactly("conflict|CONFLICT"));
            }
            try (SinkStage sink = rig.sink()) {
                sink.start();
                producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(2L, "other", 1L)));
                eventually(() -> assertThat(rows()).containsExactly("1|theirs again|70", "2|other|1"));
                assertThat(held()).containsExactly("conflict|CONFLICT");
            }
        }
    }

    @Test
    void whatCameBehindTheDecisionIsJudgedAnew() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "first", 40L)));
            eventually(() -> assertThat(held()).hasSize(1));
            List<HeldRequest> known = rig.requests(Action.TAKE_TARGET);
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "second", 60L)));
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "third", 55L)));
            eventually(() -> assertThat(held()).hasSize(3));
            known.forEach(rig::ask);
            eventually(() -> assertThat(held()).containsExactly("conflict|CONFLICT"));
            assertThat(rows()).containsExactly("1|second|60");
        }
    }

    /** However batches are cut, the same changes are conflicts. */
    @Test
    void aChangeCountsAlsoIfALaterOneOfTheSameBatchSupersedesIt() {
        try (RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> {
                producer.upsert(ACCOUNTS, row(1L, "older", 40L));
                producer.upsert(ACCOUNTS, row(1L, "newer", 60L));
                producer.upsert(ACCOUNTS, row(2L, "first", 5L));
                producer.upsert(ACCOUNTS, row(2L, "second", 7L));
                producer.upsert(ACCOUNTS, row(2L, "back", 6L));
                producer.upsert(ACCOUNTS, row(3L, "first", 5L));
                producer.delete(ACCOUNTS, ROWS, 3L);
                producer.upsert(ACCOUNTS, row(3L, "second", 4L));
                producer.upsert(ACCOUNTS, row(4L, "only", null));
            });
            try (SinkStage sink = rig.sink()) {
                sink.start();
                eventually(() ->
                        assertThat(rows()).containsExactly("1|theirs|50", "2|second|7", "3|second|4", "4|only|null"));
                assertThat(rig.query("SELECT state, count(*) FROM sluice.parked GROUP BY 1 ORDER BY 1"))
                        .containsExactly("conflict|2", "following|1");
                assertThat(counted()).isEqualTo(2);
            }
        }
    }

    @Test
    void aRowThatSomebodyDeletedIsAConflictUntilItIsReadAgain() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            rig.execute("DELETE FROM accounts");
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, Unchanged.UNCHANGED, 60L)));
            eventually(() -> assertThat(held()).containsExactly("conflict|CONFLICT"));
            rig.askAll(Action.TAKE_SOURCE);
            eventually(() -> assertThat(rig.query("SELECT asked FROM sluice.parked WHERE asked IS NOT NULL"))
                    .hasSize(1));
            assertThat(held()).containsExactly("conflict|CONFLICT");
            producer.inTransaction(() -> producer.load(ACCOUNTS, row(1L, "whole", 60L)));
            eventually(() -> assertThat(rig.query("SELECT problem FROM sluice.parked"))
                    .containsExactly("its row was read again before an earlier conflict was decided"));
            rig.askAll(Action.TAKE_SOURCE);
            eventually(() -> assertThat(held()).isEmpty());
            assertThat(rows()).containsExactly("1|whole|60");
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void aDecisionThatTheTargetRefusesLeavesTheConflictAndSaysWhy() {
        rig.execute("ALTER TABLE accounts ADD CONSTRAINT sane CHECK (v <> 'topsecret')");
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, row(1L, "topsecret", 40L)));
            eventually(() -> assertThat(held()).containsExactly("conflict|CONFLICT"));
            rig.askAll(Action.TAKE_SOURCE);
            eventually(() -> assertThat(rig.query("SELECT problem FROM sluice.parked WHERE asked IS NOT NULL"))
                    .containsExactly("the target refuses the row: SQLSTATE 23514, table accounts, constraint sane"));
            assertThat(held()).containsExactly("conflict|CONFLICT");
            rig.askAll(Action.TAKE_TARGET);
            eventually(() -> assertThat(held()).isEmpty());
            assertThat(rows()).containsExactly("1|theirs|50");
        }
    }
}
