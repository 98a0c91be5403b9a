package io.sluice.localstack.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
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

    @Test
    void startsTheOldestAndTheNewestVersionThatAreSupported() throws Exception {
        assertThat(majorVersion(PostgresVersion.OLDEST)).isBetween(13, 16);
        assertThat(majorVersion(PostgresVersion.NEWEST)).isEqualTo(18);
    }

    private static int majorVersion(PostgresVersion version) throws Exception {
        try (PostgresServer server = PostgresServer.start(version, Map.of("work_mem", "5MB"));
                Connection connection = DriverManager.getConnection(
                        server.freshDatabase("version").jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet settings =
                        statement.executeQuery("SELECT current_setting('work_mem'), current_setting('wal_level')")) {
            settings.next();
            assertThat(settings.getString(1)).isEqualTo("5MB");
            assertThat(settings.getString(2)).isEqualTo("logical");
            return connection.getMetaData().getDatabaseMajorVersion();
        }
    }
}
