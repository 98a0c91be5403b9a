package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.source.request.LoadRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Truncated tables that are to be read again by themselves. */
class TruncateIT {

    @Test
    void aTruncatedTableIsReadAgainFromThereOnAlsoByTheNextInstance() throws Exception {
        try (Capture capture = new Capture("resnapshot");
                Connection holder = DriverManager.getConnection(capture.database.jdbcUrl())) {
            capture.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, name text)",
                    "CREATE TABLE others (id int PRIMARY KEY)",
                    "INSERT INTO items SELECT i, 'old' FROM generate_series(1, 1000) i");
            PostgresSource first = capture.reading(
                            Map.of(Capture.RESNAPSHOTTING, List.of("items", "others"), "orders", List.of("others")))
                    .start();
            Capture.awaitStreaming(first);
            // Keeps the ranges waiting, so that the load is still to be done when the instance ends.
            holder.setAutoCommit(false);
            Sql.nextTransaction(holder);
            capture.execute("BEGIN; INSERT INTO items VALUES (2000, 'truncated'); TRUNCATE items;"
                    + " INSERT INTO items SELECT i, 'new' FROM generate_series(1, 10) i;"
                    + " UPDATE items SET name = 'newer' WHERE id = 5; DELETE FROM items WHERE id = 6; COMMIT");
            Capture.awaitState(first, "items", SourceProgress.State.LOADING);
            capture.awaitCaughtUp(first);
            capture.stop(first);
            capture.execute("INSERT INTO items VALUES (11, 'meanwhile')", "DELETE FROM items WHERE id = 7");
            PostgresSource second = capture.start();
            holder.commit();
            Capture.awaitStreaming(second);
            capture.execute("INSERT INTO items VALUES (12, 'after')");
            capture.awaitCaughtUp(second);

            List<LoadMarker> marks = capture.marks(Capture.RESNAPSHOTTING, "items");
            assertThat(marks).extracting(LoadMarker::sweep).containsExactly(false, false, true, true);
            List<Change> behind = capture.changes(Capture.RESNAPSHOTTING, "items").stream()
                    .filter(change -> change.provenance()
                                    .position()
                                    .compareTo(marks.get(2).position())
                            >= 0)
                    .toList();
            assertThat(Capture.lines(Capture.replayed(behind)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
        }
    }

    @Test
    void aCancelledLoadHaltsTheTableForItsReadersHoldWhatIsGone() throws Exception {
        try (Capture capture = new Capture("unsnapshot");
                Connection holder = DriverManager.getConnection(capture.database.jdbcUrl())) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)", "INSERT INTO items VALUES (1)");
            PostgresSource source = capture.reading(Map.of(Capture.RESNAPSHOTTING, List.of("items")))
                    .start();
            Capture.awaitStreaming(source);
            holder.setAutoCommit(false);
            Sql.nextTransaction(holder);
            capture.execute("TRUNCATE items");
            Capture.awaitState(source, "items", SourceProgress.State.LOADING);
            capture.ask(LoadRequest.cancel(Capture.id("items")));

            assertThat(Capture.awaitTableHalt(source, "items").code()).isEqualTo("LOAD_CANCELLED");
            capture.execute("INSERT INTO items VALUES (2)");
            capture.awaitCaughtUp(source);
            assertThat(capture.changes(Capture.RESNAPSHOTTING, "items")).hasSize(1);
            holder.commit();
            capture.ask(LoadRequest.load(Capture.id("items")));
            Capture.awaitStreaming(source);
            assertThat(capture.marks(Capture.RESNAPSHOTTING, "items"))
                    .extracting(LoadMarker::sweep)
                    .containsExactly(false, false, true, false, true, true);
        }
    }

    @Test
    void aTableHaltsWhereAServiceWantsThatOrItCannotBeReadByRanges() throws Exception {
        try (Capture capture = new Capture("nosnapshot")) {
            capture.execute(
                    "CREATE TABLE shared (id int PRIMARY KEY)",
                    "CREATE TABLE keyless (a int)",
                    "ALTER TABLE keyless REPLICA IDENTITY FULL");
            PostgresSource source = capture.reading(
                            Map.of(Capture.RESNAPSHOTTING, List.of("shared", "keyless"), "orders", List.of("shared")))
                    .start();
            Capture.awaitStreaming(source);
            capture.execute("TRUNCATE shared, keyless");

            assertThat(Capture.awaitTableHalt(source, "shared").code()).isEqualTo("TABLE_TRUNCATED");
            assertThat(Capture.awaitTableHalt(source, "keyless").code()).isEqualTo("TABLE_TRUNCATED");
        }
    }
}
