package io.sluice.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresCatalogIT {

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(
                PostgresServer.shared().freshDatabase("catalog").jdbcUrl());
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private List<String> unsupported(String... sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        }
        return new PostgresCatalog(connection).read("public", "t").orElseThrow().unsupported();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval", "jsonb", "interval[]", "numrange", "bpchar"})
    void aKeyWhoseEqualValuesDifferIsRefused(String type) throws SQLException {
        assertThat(unsupported("CREATE TABLE t (a int, id " + type + ", v text, PRIMARY KEY (a, id))"))
                .singleElement()
                .asString()
                .startsWith("its key column id of type " + type + " holds values that are equal and yet not the same");
    }

    @Test
    void soIsOneWithACollationThatHoldsDifferentTextsForEqual() throws SQLException {
        assertThat(unsupported(
                        "CREATE COLLATION lax (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                        "CREATE TABLE t (other int, id text COLLATE lax NOT NULL, v text)",
                        "CREATE UNIQUE INDEX t_id ON t (id)",
                        "ALTER TABLE t REPLICA IDENTITY USING INDEX t_id"))
                .hasSize(1);
    }

    @Test
    void keysOfOrdinaryTypesAreNot() throws SQLException {
        assertThat(
                        unsupported(
                                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                                "CREATE DOMAIN code AS varchar(5)",
                                "CREATE DOMAIN flag AS char(2)",
                                """
                                CREATE TABLE t (a smallint, b int, c bigint, d text, e varchar(9), f char(3), g uuid, h date,
                                  i timestamp, j timestamptz, k time, l bytea, m boolean, n numeric, o real, p float8, q mood,
                                  r code, s inet, u text[], v int[], y flag, w jsonb, x interval,
                                  PRIMARY KEY (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, y))"""))
                .isEmpty();
    }

    @Test
    void rowsKnownAsAWholeMayNotSwapADeferrableKey() throws SQLException {
        assertThat(unsupported(
                        "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text)",
                        "ALTER TABLE t REPLICA IDENTITY FULL"))
                .containsExactly(
                        "its key is deferrable, so two rows may swap it, and the log does not say which one stays");
    }

    @Test
    void rowsKnownAsAWholeNeedColumnsThatAreWrittenInOneWay() throws SQLException {
        assertThat(unsupported("CREATE TABLE t (a int, doc jsonb, b text)", "ALTER TABLE t REPLICA IDENTITY FULL"))
                .singleElement()
                .asString()
                .contains("column doc", "written differently");
        assertThat(unsupported("DROP TABLE t", "CREATE TABLE t (a int, b text)", "ALTER TABLE t REPLICA IDENTITY FULL"))
                .isEmpty();
    }
}
