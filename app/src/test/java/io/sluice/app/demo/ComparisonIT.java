package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.demo.Comparison.Result;
import io.sluice.localstack.postgres.LocalPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The demo's verdict is worth nothing unless its comparison finds every kind of difference. */
class ComparisonIT {

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.startTemporary();
        postgres.createDatabase("one");
        postgres.createDatabase("two");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Connection open(String database) throws Exception {
        return DriverManager.getConnection(postgres.jdbcUrl(database));
    }

    private static Result compareAfter(String change) throws Exception {
        try (Connection one = open("one");
                Connection two = open("two");
                Statement inOne = one.createStatement();
                Statement inTwo = two.createStatement()) {
            for (Statement each : new Statement[] {inOne, inTwo}) {
                each.execute(
                        "DROP TABLE IF EXISTS t; CREATE TABLE t (a int, b text, n numeric, at timestamptz, PRIMARY KEY (b, a));"
                                + "INSERT INTO t SELECT g, 'k' || g % 3, g / 7.0, to_timestamp(g) FROM generate_series(1, 1000) g");
            }
            inTwo.execute(change);
            return Comparison.compare(one, two, "t");
        }
    }

    @Test
    void equalTablesAreEqual() throws Exception {
        Result result = compareAfter("SELECT 1");
        assertThat(result).isEqualTo(new Result("t", 1000, 1000, 0, 0, 0));
        assertThat(result.isEqual()).isTrue();
    }

    @Test
    void missingExtraAndDifferentRowsAreCounted() throws Exception {
        assertThat(compareAfter("DELETE FROM t WHERE a IN (1, 500, 1000)"))
                .isEqualTo(new Result("t", 1000, 997, 3, 0, 0));
        assertThat(compareAfter("INSERT INTO t VALUES (1001, '', 0, now())"))
                .isEqualTo(new Result("t", 1000, 1001, 0, 1, 0));
        assertThat(compareAfter("UPDATE t SET a = 2000 WHERE a = 7")).isEqualTo(new Result("t", 1000, 1000, 1, 1, 0));
    }

    @Test
    void theSmallestDifferencesCount() throws Exception {
        assertThat(compareAfter("UPDATE t SET at = at + interval '1 microsecond' WHERE a = 9")
                        .different())
                .isEqualTo(1);
        assertThat(compareAfter("UPDATE t SET n = NULL WHERE a = 9").different())
                .isEqualTo(1);
        assertThat(compareAfter("UPDATE t SET n = n + 0.0000000000000000001 WHERE a = 9")
                        .different())
                .isEqualTo(1);
        assertThat(compareAfter("DELETE FROM t")).isEqualTo(new Result("t", 1000, 0, 1000, 0, 0));
    }

    @Test
    void theLoadChangesWhatItCounts() throws Exception {
        postgres.createDatabase("load");
        try (Connection connection = open("load")) {
            Monolith.create(connection, 2_000);
            Load load = new Load(connection, 1);
            for (int i = 0; i < 200; i++) {
                load.transaction();
            }
            assertThat(load.changes()).isGreaterThan(200);
        }
    }
}
