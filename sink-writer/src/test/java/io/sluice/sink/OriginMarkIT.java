package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TargetSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sink wrote is left out of a stream in the other direction, and nothing else is. */
class OriginMarkIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TargetTable ITEMS = TargetTable.inDefaultSchema("items");
    private static final RowSchema ROWS = new RowSchema(
            "items",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("v", Simple.TEXT, "text", true)),
            List.of("id"));

    private final Database database = PostgresServer.shared().freshDatabase("marked");
    private final SinkRig rig = SinkRig.at(KafkaServer.shared(), marking(database), database, "marked", ITEMS);

    private static TargetSpec marking(Database as) {
        return new TargetSpec(
                TargetSpec.Kind.POSTGRESQL,
                ConnectionSpec.to(as.url()),
                Optional.empty(),
                Optional.empty(),
                true,
                Place.NOWHERE);
    }

    /** Origins and slots belong to the whole server. */
    @AfterEach
    void clean() {
        rig.query(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
        rig.query("SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname LIKE '" + prefix()
                + "%'");
    }

    private String prefix() {
        return "sluice_" + rig.pipeline.name() + "_" + rig.service.name() + "_";
    }

    private String changes(String origin) {
        return rig.query("SELECT count(*) FROM pg_logical_slot_peek_binary_changes('" + database.name()
                        + "', NULL, NULL, 'proto_version', '4', 'publication_names', 'p', 'origin', '" + origin
                        + "') WHERE get_byte(data, 0) IN (ascii('I'), ascii('U'), ascii('D'))")
                .get(0);
    }

    @Test
    void onlyWhatOthersWroteGoesBack() {
        try (SinkStage one = rig.prepared(Map.of(ITEMS, ROWS));
                SinkStage other = rig.sink();
                RowProducer producer = rig.producer()) {
            rig.execute("CREATE PUBLICATION p FOR TABLE items");
            rig.query("SELECT pg_create_logical_replication_slot('" + database.name() + "', 'pgoutput')");
            one.start();
            other.start();
            await().atMost(PATIENCE)
                    .until(() -> one.status().state() == StageState.RUNNING
                            && other.status().state() == StageState.RUNNING);
            producer.inTransaction(() -> {
                for (long id = 1; id <= 20; id++) {
                    producer.upsert(ITEMS, new Row(ROWS, new Object[] {id, "by the sink"}));
                }
            });
            await().atMost(PATIENCE)
                    .until(() -> rig.query("SELECT 1 FROM items").size() == 20);
            rig.execute("INSERT INTO items VALUES (100, 'by a user'), (101, 'by a user')");
            // The sink meets a broken connection, and marks what it writes over the next one.
            rig.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sluice-sink-"
                    + rig.pipeline.name() + "%'");
            producer.inTransaction(() -> producer.delete(ITEMS, ROWS, 1L));
            await().atMost(PATIENCE)
                    .until(() -> rig.query("SELECT 1 FROM items").size() == 21);

            assertThat(changes("none")).isEqualTo("2");
            assertThat(changes("any")).isEqualTo("23");
            assertThat(rig.query("SELECT count(*) FROM pg_replication_origin WHERE roname LIKE '" + prefix() + "%'"))
                    .as("one for each sink that ran at once")
                    .containsExactly("2");
        }
    }

    @Test
    void whoMayNotMarkIsToldHowTo() {
        String role = "marker_" + database.name();
        rig.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
        try {
            Database as =
                    new Database(database.host(), database.port(), role, "secret", database.name(), database.options());
            SinkRig other = SinkRig.at(KafkaServer.shared(), marking(as), as, "unmarked", ITEMS);
            List<Finding> findings = new TargetPreparation(other.pipeline, other.service).check(Map.of());
            assertThat(findings).singleElement().satisfies(finding -> {
                assertThat(finding.isError()).isTrue();
                assertThat(finding.remedy()).contains("pg_replication_origin_session_setup(text)");
                rig.execute(finding.remedy()
                        .replace("As a superuser run: ", "")
                        .replaceAll(" TO that user;.*", " TO " + role));
            });
            assertThat(new TargetPreparation(other.pipeline, other.service).check(Map.of()))
                    .isEmpty();
        } finally {
            rig.execute("DROP OWNED BY " + role);
            rig.execute("DROP ROLE " + role);
        }
    }
}
