package io.sluice.localstack.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.LocalServerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseTest {

    @Test
    void readsAnAddressAndWritesItBack() {
        Database database =
                Database.parse("X", "postgresql://us%40er:p%3Aw%2B@db.example:6543/my%20db?sslmode=require");
        assertThat(database.user()).isEqualTo("us@er");
        assertThat(database.password()).isEqualTo("p:w+");
        assertThat(database.port()).isEqualTo(6543);
        assertThat(database.name()).isEqualTo("my db");
        assertThat(database.url()).isEqualTo("postgresql://us%40er:p%3Aw%2B@db.example:6543/my%20db?sslmode=require");
        assertThat(database.jdbcUrl())
                .isEqualTo("jdbc:postgresql://db.example:6543/my%20db?user=us%40er&password=p%3Aw%2B&sslmode=require");
    }

    @Test
    void knowsTheUsualPortAndDatabaseAndDoesWithoutAPassword() {
        Database database = Database.parse("X", "postgres://me@localhost");
        assertThat(database.url()).isEqualTo("postgresql://me@localhost:5432/postgres");
        assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://localhost:5432/postgres?user=me");
    }

    @Test
    void neverShowsItsPassword() {
        assertThat(Database.parse("X", "postgresql://me:secret@localhost/db"))
                .asString()
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:5432", "mysql://me:secret@localhost/db", "postgresql://localhost/db", "a b"})
    void refusesWhatIsNoAddressWithoutRepeatingIt(String address) {
        assertThatThrownBy(() -> Database.parse("SLUICE_TEST_POSTGRES", address))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("SLUICE_TEST_POSTGRES is not of the form")
                .hasMessageNotContaining("secret");
    }
}
