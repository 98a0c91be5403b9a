package io.sluice.localstack.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresServerIT {

    @Test
    void givesEachAskerAnEmptyDatabaseOfItsOwnOnOneServer() throws SQLException {
        Database one = PostgresServer.shared().freshDatabase("Some Test");
        Database other = PostgresServer.shared().freshDatabase("Some Test");
        assertThat(one.name()).startsWith("some_test_").isNotEqualTo(other.name());
        assertThat(one.port()).isEqualTo(other.port());
        try (Connection first = DriverManager.getConnection(one.jdbcUrl());
                Connection second = DriverManager.getConnection(other.jdbcUrl())) {
            first.createStatement().execute("CREATE TABLE t (id int)");
            second.createStatement().execute("CREATE TABLE t (id int)");
        }
    }
}
