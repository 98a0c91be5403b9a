package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A writer that owns nothing and may create nothing, beside an administrator that is used before anything runs. */
class TargetRightsIT {

    private static final TargetTable ACCOUNTS = new TargetTable("Own \"schema\"", "Accounts");
    private static final String NAME = "\"Own \"\"schema\"\"\".\"Accounts\"";
    private static final RowSchema ROWS = new RowSchema(
            "Accounts",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("Name", Simple.TEXT, "text", true)),
            List.of("id"));
    private static final RowSchema WIDER = new RowSchema(
            "Accounts",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("Name", Simple.TEXT, "text", true),
                    new Column("note", Simple.TEXT, "text", true)),
            List.of("id"));

    private final Database owner = PostgresServer.shared().freshDatabase("rights");
    private final String role = "Writer \"of\" " + owner.name();
    private final String quoted = "\"" + role.replace("\"", "\"\"") + "\"";
    private final Database writer =
            new Database(owner.host(), owner.port(), role, "secret", owner.name(), owner.options());
    private final SinkRig rig = SinkRig.writtenBy(KafkaServer.shared(), writer, owner, "rights", ACCOUNTS);

    @BeforeEach
    void createRole() {
        rig.execute("CREATE ROLE " + quoted + " LOGIN PASSWORD 'secret'");
        rig.execute("REVOKE ALL ON DATABASE \"" + owner.name() + "\" FROM PUBLIC");
        rig.execute("GRANT CONNECT ON DATABASE \"" + owner.name() + "\" TO " + quoted);
        rig.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC");
    }

    @AfterEach
    void dropRole() {
        rig.execute("DROP OWNED BY " + quoted);
        rig.execute("DROP ROLE " + quoted);
    }

    private void asWriter(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(writer.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows() {
        return rig.query("SELECT id, \"Name\" FROM " + NAME + " ORDER BY id");
    }

    @Test
    void aWriterThatMayDoNothingElseKeepsItsTablesAndSweepsThem() {
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            Preflight before = sink.look(Map.of(ACCOUNTS, ROWS), Map.of());
            assertThat(before.findings()).isEmpty();
            assertThat(before.creations())
                    .extracting(Creation::kind)
                    .containsExactly(
                            Creation.Kind.LEDGER,
                            Creation.Kind.SCHEMA,
                            Creation.Kind.TABLE,
                            Creation.Kind.LEDGER,
                            Creation.Kind.GRANT,
                            Creation.Kind.GRANT);
            assertThat(rig.query("SELECT count(*) FROM pg_namespace WHERE nspname IN ('sluice', 'Own \"schema\"')"))
                    .containsExactly("0");
            assertThat(sink.prepare(Map.of(ACCOUNTS, ROWS))).isEmpty();
            assertThat(sink.look(Map.of(ACCOUNTS, ROWS), Map.of())).isEqualTo(Preflight.NONE);
            for (String forbidden : List.of(
                    "CREATE TABLE t (id int)",
                    "CREATE TEMP TABLE t (id int)",
                    "CREATE SCHEMA s",
                    "ALTER TABLE " + NAME + " ADD COLUMN x int",
                    "TRUNCATE " + NAME,
                    "DROP TABLE " + NAME)) {
                assertThatThrownBy(() -> asWriter(forbidden)).as(forbidden).hasMessageContainingAll("ERROR");
            }
            sink.start();
            producer.inTransaction(() -> {
                for (long id = 1; id <= 5; id++) {
                    producer.upsert(ACCOUNTS, new Row(ROWS, new Object[] {id, "a"}));
                }
                producer.upsert(ACCOUNTS, new Row(ROWS, new Object[] {1L, Unchanged.UNCHANGED}));
                producer.delete(ACCOUNTS, ROWS, 2L);
            });
            eventually(() -> assertThat(rows()).containsExactly("1|a", "3|a", "4|a", "5|a"));
            producer.inTransaction(() -> {
                producer.markAll(ACCOUNTS, LoadMarker.Kind.BEGIN, "2.1");
                producer.upsert(ACCOUNTS, new Row(ROWS, new Object[] {3L, "b"}));
                producer.markAll(ACCOUNTS, LoadMarker.Kind.END, "2.1");
            });
            eventually(() -> assertThat(rows()).containsExactly("3|b"));
        }
    }

    @Test
    void whatItsOwnUserMayNotAlterHaltsItAndTheNextStartDoes() {
        try (SinkStage sink = rig.prepared(Map.of(ACCOUNTS, ROWS));
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, new Row(ROWS, new Object[] {1L, "a"})));
            eventually(() -> assertThat(rows()).hasSize(1));
            producer.inTransaction(() -> producer.upsert(ACCOUNTS, new Row(WIDER, new Object[] {2L, "b", "n"})));
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("ALTER TABLE " + NAME + " ADD COLUMN \"note\" text");
        }
        try (SinkStage again = rig.sink()) {
            assertThat(again.prepare(Map.of(ACCOUNTS, WIDER))).isEmpty();
            again.start();
            eventually(() -> assertThat(rows()).containsExactly("1|a", "2|b"));
        }
    }

    @Test
    void eachRightThatIsMissingIsNamedWithTheStatementThatGivesItAndGivenAtTheNextStart() throws SQLException {
        try (SinkStage sink = rig.sink()) {
            assertThat(sink.prepare(Map.of(ACCOUNTS, ROWS))).isEmpty();
            for (String right : List.of(
                    "SELECT ON " + NAME,
                    "INSERT ON " + NAME,
                    "UPDATE ON " + NAME,
                    "DELETE ON " + NAME,
                    "USAGE ON SCHEMA \"Own \"\"schema\"\"\"")) {
                rig.execute("REVOKE " + right + " FROM " + quoted);
                List<Finding> found = sink.check(Map.of(ACCOUNTS, ROWS));
                assertThat(found)
                        .as(right)
                        .extracting(Finding::remedy)
                        .containsExactly("Run: GRANT " + right + " TO " + quoted);
                assertThat(found.get(0).problem()).contains("lacks " + right);
                assertThat(sink.look(Map.of(ACCOUNTS, ROWS), Map.of()).creations())
                        .singleElement()
                        .satisfies(given ->
                                assertThat(given.statements()).containsExactly("GRANT " + right + " TO " + quoted));
                assertThat(sink.prepare(Map.of(ACCOUNTS, ROWS))).isEmpty();
                assertThat(sink.check(Map.of(ACCOUNTS, ROWS))).isEmpty();
            }
        }
    }
}
