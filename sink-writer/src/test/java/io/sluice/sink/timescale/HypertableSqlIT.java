package io.sluice.sink.timescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.NeededServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The statements, said to a real server: one that its edition does not do is refused for that and for nothing else. */
class HypertableSqlIT {

    private static final String FEATURE_NOT_SUPPORTED = "0A000";
    private static final TargetTable ODD = new TargetTable("public", "Odd \"table\"");

    @BeforeEach
    void needsTimescale() {
        NeededServer.timescale();
    }

    @Test
    void theServerUnderstandsEachStatement() throws SQLException {
        HypertableSpec spec = HypertablePlanTest.EVERYTHING;
        RowSchema rows = HypertablePlanTest.ROWS;
        AggregateSpec view = spec.aggregates().get(0);
        HypertableSql sql = new HypertableSql(ODD, spec);
        Duration day = Duration.ofDays(1);
        try (Connection connection = DriverManager.getConnection(
                        PostgresServer.sharedTimescale().freshDatabase("sql").jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE \"Odd \"\"table\"\"\" (\"time\" timestamptz, symbol text, bid float8,"
                    + " PRIMARY KEY (\"time\", symbol))");
            statement.execute("INSERT INTO \"Odd \"\"table\"\"\" VALUES (now(), 'BTC', 1)");
            statement.execute(sql.create(rows, true));
            statement.execute(sql.setChunk());
            statement.execute(sql.dropChunks(day));
            statement.execute("TRUNCATE \"Odd \"\"table\"\"\"");
            statement.execute(sql.addSpace(spec.space().orElseThrow()));
            List<String> others = new ArrayList<>(List.of(
                    sql.compress(),
                    sql.addCompression(day),
                    sql.removeCompression(),
                    sql.addRetention(day),
                    sql.removeRetention(),
                    sql.createView(view),
                    sql.addRefresh(view)));
            boolean whole = Edition.of(connection).orElseThrow().whole();
            if (!whole) {
                // What the refresh is of.
                statement.execute(sql.createPlainView(view));
            }
            for (String other : others) {
                if (whole) {
                    statement.execute(other);
                } else {
                    assertThatThrownBy(() -> statement.execute(other))
                            .as(other)
                            .isInstanceOfSatisfying(SQLException.class, e -> assertThat(e.getSQLState())
                                    .isEqualTo(FEATURE_NOT_SUPPORTED))
                            .hasMessageContaining("apache");
                }
            }
        }
    }
}
