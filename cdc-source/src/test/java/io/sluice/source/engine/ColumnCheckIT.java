package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.preflight.Finding;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ColumnCheckIT {

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(
                PostgresServer.shared().freshDatabase("columns").jdbcUrl());
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private List<Finding> findings(String... sql) throws SQLException {
        execute(sql);
        SessionSettings.apply(connection);
        PostgresTable table =
                new PostgresCatalog(connection).read("public", "t").orElseThrow();
        return ColumnCheck.of(connection, "table shop.public.t", table);
    }

    private void execute(String... sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        }
    }

    @Test
    void generatedColumnsAreNamed() throws SQLException {
        assertThat(findings("CREATE TABLE t (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED,"
                        + " \"Half\" int GENERATED ALWAYS AS (a / 2) STORED, n int GENERATED ALWAYS AS IDENTITY)"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
                    assertThat(finding.problem()).endsWith("left out: twice, Half");
                });
    }

    @Test
    void namesOfOtherThingsAreWarnedOf() throws SQLException {
        assertThat(findings(
                        "CREATE TABLE t (id int PRIMARY KEY, what regclass, \"who\" regrole[], oid oid, regular text)"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
                    assertThat(finding.problem()).endsWith(": what, who");
                });
    }

    /** The remedy is carried out, and then there is nothing to find. */
    @Test
    void arraysOfAnotherShapeAreRefusedAndTheRemedyMends() throws SQLException {
        List<Finding> found = findings(
                "CREATE TABLE t (id int PRIMARY KEY, plain int[], \"Matrix\" numeric(6,2)[], since text[])",
                "INSERT INTO t VALUES (1, '{1}', '{{1,2}}', '[0:0]={a}'), (2, '{}', NULL, '{b}')");
        assertThat(found)
                .hasSize(2)
                .allMatch(finding -> finding.severity() == Finding.Severity.ERROR)
                .extracting(Finding::problem)
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("column Matrix holds"),
                        second -> assertThat(second).startsWith("column since holds"));
        assertThat(found.get(0).remedy())
                .startsWith("ALTER TABLE \"public\".\"t\" ALTER COLUMN \"Matrix\" TYPE numeric(6,2)[][];");
        for (Finding each : found) {
            execute(each.remedy().substring(0, each.remedy().indexOf(';')));
        }

        assertThat(findings()).isEmpty();
    }
}
