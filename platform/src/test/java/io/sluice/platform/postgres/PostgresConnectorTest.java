package io.sluice.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.BadInputException;
import io.sluice.schemas.pipeline.ConnectionSpec;
import org.junit.jupiter.api.Test;

class PostgresConnectorTest {

    private static PostgresConnector connector(String url) {
        return PostgresConnector.of(ConnectionSpec.to(url), "test");
    }

    @Test
    void readsUserPasswordAndParameters() {
        PostgresConnector connector =
                connector("postgresql://us%40er:p%2Bw+d:x@db.example:5433/my%20db?sslmode=require");
        assertThat(connector.address()).isEqualTo("db.example:5433/my db");
        assertThat(connector.user()).contains("us@er");
        assertThat(connector.password().orElseThrow().reveal()).isEqualTo("p+w+d:x");
        assertThat(connector.properties()).containsEntry("sslmode", "require").containsEntry("user", "us@er");
        assertThat(connector.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:5433/my%20db");
    }

    @Test
    void readsJdbcUrlsAndIpv6() {
        PostgresConnector connector = connector("jdbc:postgresql://[::1]/db?user=me&password=secret");
        assertThat(connector.port()).isEqualTo(5432);
        assertThat(connector.user()).contains("me");
        assertThat(connector.jdbcUrl()).isEqualTo("jdbc:postgresql://[::1]:5432/db");
        assertThat(connector.toString()).doesNotContain("secret");
    }

    @Test
    void anUnreadableUrlIsTheUsersMistakeAndIsNotRepeated() {
        for (String url :
                new String[] {"postgresql://me:geheim@", "postgresql://h ost/db", "nonsense:geheim", "postgresql://host"
                }) {
            assertThatThrownBy(() -> connector(url))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("DATABASE_URL")
                    .hasMessageNotContaining("geheim");
        }
    }
}
