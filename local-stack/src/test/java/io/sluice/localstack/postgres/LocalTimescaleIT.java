package io.sluice.localstack.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.NeededServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalTimescaleIT {

    /** Before each, so that what is skipped is named in the report. */
    @BeforeEach
    void needsTimescale() {
        NeededServer.orElseSkip(
                LocalTimescale.isInstalled() ? Optional.empty() : Optional.of(LocalTimescale.howToInstall()));
    }

    @Test
    void hypertablesTakeUpsertsAreReadByTimeBucketAndLoseOldChunks(@TempDir Path folder) throws SQLException {
        String url;
        try (LocalPostgres server = LocalTimescale.start(folder)) {
            server.createDatabase("ticks");
            url = server.jdbcUrl("ticks");
            try (Connection connection = DriverManager.getConnection(url)) {
                run(connection, "CREATE EXTENSION timescaledb");
                run(
                        connection,
                        "CREATE TABLE ticks (time timestamptz NOT NULL, symbol text NOT NULL, price numeric,"
                                + " PRIMARY KEY (time, symbol))");
                run(connection, "SELECT create_hypertable('ticks', by_range('time', INTERVAL '1 day'))");
                String upsert = "INSERT INTO ticks VALUES ('2026-01-01 10:00Z', 'A', 1), ('2026-01-02 10:00Z', 'A', 2),"
                        + " ('2026-01-02 10:30Z', 'A', 4) ON CONFLICT (time, symbol) DO UPDATE SET price = excluded.price";
                run(connection, upsert);
                run(connection, upsert.replace("'A', 4", "'A', 6"));
                assertThat(ask(
                                connection,
                                "SELECT time_bucket('1 hour', time)::text || ' ' || avg(price)::int FROM ticks GROUP BY"
                                        + " time_bucket('1 hour', time) ORDER BY 1"))
                        .containsExactly("2026-01-01 10:00:00+00 1", "2026-01-02 10:00:00+00 4");
                run(connection, "SELECT drop_chunks('ticks', TIMESTAMPTZ '2026-01-02 00:00Z')");
                assertThat(ask(connection, "SELECT count(*) FROM ticks")).containsExactly("2");
                assertThatThrownBy(() -> run(connection, "SELECT add_retention_policy('ticks', INTERVAL '1 year')"))
                        .as("the Apache edition says what it can't do")
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("apache");
            }
        }
        try (LocalPostgres server = LocalTimescale.start(folder);
                Connection connection = DriverManager.getConnection(server.jdbcUrl("ticks"))) {
            assertThat(ask(connection, "SELECT count(*) FROM ticks")).containsExactly("2");
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        connection.createStatement().execute(sql);
    }

    private static List<String> ask(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet rows = connection.createStatement().executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
