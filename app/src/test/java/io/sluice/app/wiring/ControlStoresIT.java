package io.sluice.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.control.AuditEntry;
import io.sluice.platform.control.AuditEntry.Outcome;
import io.sluice.platform.control.ControlStore;
import io.sluice.platform.control.ValidationResult;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control store, embedded and in a database of somebody's own. */
class ControlStoresIT {

    private static final Pipeline PIPELINE = Pipeline.of("kept", List.of(), List.of());

    @TempDir
    private Path folder;

    @Test
    void anEmbeddedOneKeepsWhatWasEnteredAndRunsOnlyWhileItIsUsed() {
        assertThat(ControlStores.openExisting(PIPELINE, folder)).isEmpty();
        try (ControlStores first = ControlStores.open(PIPELINE, folder)) {
            long entry = first.store().begin("kept", "me", "pause", "service one", "a test");
            first.store().begin("kept", "me", "resume", "service one", "cut off");
            first.store().end(entry, Outcome.DONE);
            first.store().begin("another", "me", "pause", "service two", "no matter of ours");
        }
        Optional<ControlStores> again = ControlStores.openExisting(PIPELINE, folder);
        assertThat(again).isPresent();
        try (ControlStores second = again.get()) {
            List<AuditEntry> entries = second.store().audit("kept", 10);
            assertThat(entries).extracting(AuditEntry::action).containsExactly("resume", "pause");
            assertThat(entries).extracting(AuditEntry::outcome).containsExactly(Outcome.ASKED, Outcome.DONE);
            assertThat(second.store().audit("kept", 1)).hasSize(1);
        }
    }

    @Test
    void ofEachTableTheLastComparisonIsTold() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("control");
        try (ControlStore store = ControlStore.open(connector(database.url()))) {
            store.keep(result("users", "different", Instant.parse("2026-01-01T00:00:00Z")));
            store.keep(result("users", "equal", Instant.parse("2026-01-03T00:00:00Z")));
            store.keep(result("orders", "unsettled", Instant.parse("2026-01-02T00:00:00Z")));
        }
        try (ControlStore store = ControlStore.open(connector(database.url()))) {
            assertThat(store.lastResults("kept"))
                    .extracting(ValidationResult::table, ValidationResult::verdict)
                    .containsExactlyInAnyOrder(tuple("users", "equal"), tuple("orders", "unsettled"));
            assertThat(store.lastResults("another")).isEmpty();
        }
    }

    @Test
    void aSchemaThatIsNotOursIsLeftAloneWithAWordWhatToDo() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("control_foreign");
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA sluice_control; CREATE TABLE sluice_control.audit_log (mine int)");
        }
        assertThatThrownBy(() -> ControlStore.open(connector(database.url())))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("CONTROL_STORE")
                .hasMessageNotContaining(database.password());
    }

    private static PostgresConnector connector(String url) {
        return PostgresConnector.of(ConnectionSpec.to(url), "control-test");
    }

    private static ValidationResult result(String table, String verdict, Instant finished) {
        return new ValidationResult("kept", "one", table, finished, verdict, "full", "monolith 0/1", 10, 0, "{}");
    }
}
