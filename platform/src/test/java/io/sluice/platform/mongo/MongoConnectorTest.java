package io.sluice.platform.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.BadInputException;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MongoConnectorTest {

    private static ConnectionSpec spec(String uri, String user, String password) {
        return new ConnectionSpec(
                Secret.of(uri),
                Optional.ofNullable(user),
                Optional.ofNullable(password).map(Secret::of),
                TlsSpec.AS_THE_URL_SAYS,
                ConnectionSpec.DEFAULT_CONNECT_TIMEOUT,
                OptionalInt.empty(),
                Place.NOWHERE);
    }

    @Test
    void takesUserAndPasswordFromBesideTheUri() {
        assertThat(MongoConnector.of(spec("mongodb://h1:27017,h2/?replicaSet=rs", "us@er", "p/w:1"), "test")
                        .user())
                .isEqualTo("us@er");
        assertThat(MongoConnector.of(spec("mongodb://old:hidden@h1/", "new", null), "test")
                        .user())
                .isEqualTo("new");
        assertThat(MongoConnector.of(spec("mongodb://reader@h1/", null, "p"), "test")
                        .user())
                .isEqualTo("reader");
    }

    @Test
    void saysWhereItIsWithoutSecrets() {
        MongoConnector connector =
                MongoConnector.of(spec("mongodb://u:hidden@h1:27017/?replicaSet=rs", null, null), "test");

        assertThat(connector.address()).isEqualTo("h1:27017/");
        assertThat(connector.toString()).doesNotContain("hidden");
    }

    @Test
    void refusesWhatItCantReadWithoutRepeatingIt() {
        assertThatThrownBy(() -> MongoConnector.of(spec("mongodb://u:hidden@h1:99999/", null, null), "test"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("DATABASE_URL")
                .hasMessageNotContaining("hidden");
    }
}
