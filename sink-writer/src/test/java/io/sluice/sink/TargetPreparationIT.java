package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TargetPreparationIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS =
            new RowSchema("accounts", List.of(new Column("id", Simple.INT64, "bigint", false)), List.of("id"));

    private final Database owner = PostgresServer.shared().freshDatabase("prepare");

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(owner.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void theRoleThatWritesMayKeepTheLedgerThatTheAdminMade() throws SQLException {
        String role = "Writer of " + owner.name();
        execute("CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'secret'");
        Database writer = new Database(owner.host(), owner.port(), role, "secret", owner.name(), owner.options());
        TargetSpec spec = TargetSpec.postgresql(writer.url());
        TargetSpec target = new TargetSpec(
                spec.kind(),
                spec.connection(),
                Optional.of(Secret.of(owner.url())),
                Optional.empty(),
                false,
                Place.NOWHERE);
        ServiceSpec service = ServiceSpec.eventual(
                "engine", target, List.of(TableSpec.copy(ACCOUNTS, new TableId("monolith", "public", "accounts"))));
        TargetPreparation preparation =
                new TargetPreparation(Pipeline.of("prepare", List.of(), List.of(service)), service);
        preparation.prepare(Map.of(ACCOUNTS, ROWS), () -> "cluster");
        preparation.prepare(Map.of(ACCOUNTS, ROWS), () -> "cluster");

        try (Connection connection = DriverManager.getConnection(writer.jdbcUrl());
                Statement statement = connection.createStatement()) {
            for (String table : List.of("applied", "load", "load_mark", "seen", "seen_1")) {
                try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM sluice." + table)) {
                    assertThat(rows.next()).isTrue();
                }
            }
            assertThat(statement.executeUpdate("INSERT INTO sluice.seen_1 VALUES (1, 2)"))
                    .isEqualTo(1);
            assertThat(statement.executeUpdate("DELETE FROM sluice.seen_1")).isEqualTo(1);
        } finally {
            execute("DROP OWNED BY \"" + role + "\"");
            execute("DROP ROLE \"" + role + "\"");
        }
    }
}
