package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On the usual version. */
class TypesIT extends TypesContract {

    @Override
    PostgresServer server() {
        return PostgresServer.shared();
    }

    /** Keys are in canonical form, rows as written. */
    @Test
    void keysOfOneValueAreOneKey() throws Exception {
        try (Capture capture = new Capture("numerickey")) {
            capture.execute(
                    "CREATE TABLE priced (amount numeric PRIMARY KEY, n int)", "INSERT INTO priced VALUES (1.50, 1)");
            PostgresSource source = capture.reading("priced").start();
            Capture.awaitStreaming(source);
            capture.execute("UPDATE priced SET amount = 1.5, n = 2");
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("priced");
            Map<Key, Row> rows = Capture.replayed(changes);
            assertThat(rows).hasSize(1);
            assertThat(changes).hasSize(2);
            assertThat(Capture.lines(rows)).containsExactly("1.5|2");
        }
    }
}
