package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.source.request.LoadRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Tables that are read beside the stream. */
class BackfillIT {

    private static final int ROWS = 30_000;
    private static final String ITEMS = "CREATE TABLE items (id bigint PRIMARY KEY, counter int NOT NULL, body text)";

    private static void fill(Capture capture, String table) throws SQLException {
        capture.execute(
                "INSERT INTO " + table + " SELECT i, 1, repeat('b', 50) FROM generate_series(1, " + ROWS + ") i");
    }

    @Test
    void aTableIsReadAgainUnderLoadAndNoRowGoesBack() throws Exception {
        try (Capture capture = new Capture("again")) {
            capture.execute(ITEMS);
            fill(capture, "items");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            try (Load load = new Load(capture.database.jdbcUrl(), "items")) {
                capture.ask(LoadRequest.load(Capture.id("items")));
                Capture.awaitState(source, "items", SourceProgress.State.LOADING);
                Capture.awaitState(source, "items", SourceProgress.State.STREAMING);
                load.stop();
            }
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("items");
            assertThat(changes.stream().filter(change -> change.provenance().kind() == Provenance.Kind.SNAPSHOT))
                    .hasSizeGreaterThan(2 * ROWS - 1000);
            checkCounters(changes);
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
            List<LoadMarker> marks = capture.marks("orders", "items");
            assertThat(marks)
                    .extracting(LoadMarker::kind, LoadMarker::sweep)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(LoadMarker.Kind.BEGIN, false),
                            org.assertj.core.groups.Tuple.tuple(LoadMarker.Kind.END, false),
                            org.assertj.core.groups.Tuple.tuple(LoadMarker.Kind.BEGIN, true),
                            org.assertj.core.groups.Tuple.tuple(LoadMarker.Kind.END, true));
            assertThat(marks.get(2).load())
                    .isEqualTo(marks.get(3).load())
                    .isNotEqualTo(marks.get(0).load());
        }
    }

    @Test
    void aLoadThatIsCutShortGoesOnWithTheRangeWhereItWas() throws Exception {
        try (Capture capture = new Capture("resumed")) {
            capture.execute(ITEMS, "CREATE TABLE late (id bigint PRIMARY KEY, counter int NOT NULL, body text)");
            fill(capture, "late");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            first.close();
            try (Load load = new Load(capture.database.jdbcUrl(), "late")) {
                for (int kill = 0; kill < 3; kill++) {
                    PostgresSource cut = capture.reading("items", "late").start();
                    Capture.awaitState(cut, "late", SourceProgress.State.LOADING);
                    long before = Capture.progress(cut, "late").rowsRead();
                    org.awaitility.Awaitility.await()
                            .atMost(Capture.PATIENCE)
                            .until(() -> Capture.progress(cut, "late").rowsRead() > before
                                    || Capture.progress(cut, "late").state() == SourceProgress.State.STREAMING);
                    cut.close();
                }
                PostgresSource last = capture.start();
                Capture.awaitStreaming(last);
                load.stop();
                capture.awaitCaughtUp(last);
            }

            List<Change> changes = capture.changes("late");
            checkCounters(changes);
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM late"));
            assertThat(changes.stream().filter(change -> change.provenance().kind() == Provenance.Kind.SNAPSHOT))
                    .as("ranges that were done are not read again, but for those that the stream had not passed")
                    .hasSizeLessThan(3 * ROWS);
            assertThat(capture.marks("orders", "late"))
                    .extracting(LoadMarker::kind)
                    .containsExactly(LoadMarker.Kind.BEGIN, LoadMarker.Kind.END);
        }
    }

    /** The log leaves out a large value that an update does not touch; who does not have the row can't do with the rest. */
    @Test
    void aRowThatIsNotReadYetIsNeverChangedInPart() throws Exception {
        try (Capture capture = new Capture("inpart")) {
            capture.execute(ITEMS, "CREATE TABLE late (id bigint PRIMARY KEY, counter int NOT NULL, body text)");
            capture.execute(
                    "ALTER TABLE late ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO late SELECT i, 1, repeat('b', 2100) FROM generate_series(1, 10000) i");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            first.close();
            PostgresSource second = capture.reading("items", "late").start();
            try (Load load = new Load(capture.database.jdbcUrl(), "late")) {
                Capture.awaitStreaming(second);
                load.stop();
            }
            capture.awaitCaughtUp(second);

            List<Change> changes = capture.changes("late");
            java.util.Set<Object> whole = new java.util.HashSet<>();
            long parts = 0;
            for (Change change : changes) {
                if (change instanceof Change.Upserted upserted) {
                    if (upserted.after().isWhole()) {
                        whole.add(upserted.key());
                    } else {
                        parts++;
                        assertThat(whole).contains(upserted.key());
                    }
                }
            }
            assertThat(parts).isPositive();
            assertThat(Capture.replayed(changes).values().stream()
                            .map(row -> row.value("id") + "|" + row.value("counter")))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT id, counter FROM late"));
        }
    }

    @Test
    void aServiceThatReadsATableLaterGetsItsRowsAndTheOthersNothingTwice() throws Exception {
        try (Capture capture = new Capture("newcomer")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 1, 'a'), (2, 1, 'b')");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            capture.execute("UPDATE items SET counter = 2 WHERE id = 1");
            capture.awaitCaughtUp(first);
            first.close();
            capture.execute("UPDATE items SET counter = 2 WHERE id = 2");
            PostgresSource second = capture.reading(Map.of("orders", List.of("items"), "search", List.of("items")))
                    .start();
            Capture.awaitStreaming(second);
            capture.execute("INSERT INTO items VALUES (3, 1, 'c')");
            capture.awaitCaughtUp(second);

            assertThat(capture.changes("orders", "items")).hasSize(2 + 3);
            assertThat(Capture.lines(Capture.replayed(capture.changes("search", "items"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
        }
    }

    @Test
    void aTableThatNobodyReadForAWhileIsReadAgainAndSwept() throws Exception {
        try (Capture capture = new Capture("absent")) {
            capture.execute(ITEMS, "CREATE TABLE notes (id int PRIMARY KEY)", "INSERT INTO notes VALUES (1), (2)");
            PostgresSource first = capture.reading("items", "notes").start();
            Capture.awaitStreaming(first);
            first.close();
            PostgresSource second = capture.reading("items").start();
            Capture.awaitStreaming(second);
            capture.execute("DELETE FROM notes WHERE id = 1", "INSERT INTO notes VALUES (3)");
            capture.awaitCaughtUp(second);
            second.close();
            PostgresSource third = capture.reading("items", "notes").start();
            Capture.awaitStreaming(third);
            capture.awaitCaughtUp(third);

            List<LoadMarker> marks = capture.marks("orders", "notes");
            assertThat(marks.get(marks.size() - 1).sweep()).isTrue();
            assertThat(capture.changes("notes")).hasSize(2 + 2);
        }
    }

    @Test
    void aHaltedTableComesBackWithItsBackfill() throws Exception {
        try (Capture capture = new Capture("comesback")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 1, 'a')", "CREATE TABLE others (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("items", "others").start();
            Capture.awaitStreaming(source);
            capture.execute("TRUNCATE items", "INSERT INTO items VALUES (2, 1, 'b'), (3, 1, 'c')");
            Capture.awaitTableHalt(source, "items");
            capture.execute("DELETE FROM items WHERE id = 3", "INSERT INTO others VALUES (1)");
            capture.ask(LoadRequest.load(Capture.id("items")));
            Capture.awaitStreaming(source);
            capture.execute("INSERT INTO items VALUES (4, 1, 'd')");
            capture.awaitCaughtUp(source);

            List<LoadMarker> marks = capture.marks("orders", "items");
            LoadMarker end = marks.get(marks.size() - 1);
            assertThat(end.sweep()).isTrue();
            List<Change> after = capture.changes("items").stream()
                    .filter(change -> change.provenance()
                                    .position()
                                    .compareTo(marks.get(marks.size() - 2).position())
                            >= 0)
                    .toList();
            assertThat(Capture.lines(Capture.replayed(after)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
            assertThat(capture.changes("others")).hasSize(1);
        }
    }

    @Test
    void aTableThatWasMadeAgainComesBackToo() throws Exception {
        try (Capture capture = new Capture("remade")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 1, 'a')");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            first.close();
            capture.execute("DROP TABLE items", ITEMS, "INSERT INTO items VALUES (2, 1, 'b')");
            PostgresSource second = capture.source();
            second.start();
            assertThat(Capture.awaitTableHalt(second, "items").code()).isEqualTo("TABLE_REPLACED");
            capture.ask(LoadRequest.load(Capture.id("items")));
            Capture.awaitStreaming(second);
            capture.execute("INSERT INTO items VALUES (3, 1, 'c')");
            capture.awaitCaughtUp(second);

            assertThat(Capture.lines(Capture.replayed(capture.changes("items"))))
                    .contains("2|1|b", "3|1|c");
        }
    }

    @Test
    void aTableWithoutAKeyIsReadAgainWhole() throws Exception {
        try (Capture capture = new Capture("keyless")) {
            capture.execute(
                    "CREATE TABLE events (a int, b text)",
                    "ALTER TABLE events REPLICA IDENTITY FULL",
                    "INSERT INTO events SELECT i, 'x' FROM generate_series(1, 100) i");
            PostgresSource source = capture.reading("events").start();
            Capture.awaitStreaming(source);
            for (int loads = 2; loads <= 3; loads++) {
                int marks = 2 * loads;
                capture.ask(LoadRequest.load(Capture.id("events")));
                org.awaitility.Awaitility.await()
                        .atMost(Capture.PATIENCE)
                        .until(() -> capture.marks("orders", "events").size() == marks);
                Capture.awaitStreaming(source);
            }
            capture.execute("DELETE FROM events WHERE a = 1", "UPDATE events SET b = 'y' WHERE a = 2");
            capture.awaitCaughtUp(source);

            assertThat(Capture.lines(Capture.replayed(capture.changes("events"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM events"));
            // Neither a session that follows nor another instance takes up what was done before.
            capture.stop(source);
            PostgresSource second = capture.start();
            Capture.awaitStreaming(second);
            capture.execute("INSERT INTO events VALUES (1000, 'z')");
            capture.awaitCaughtUp(second);
            assertThat(capture.marks("orders", "events")).hasSize(6);
        }
    }

    @Test
    void aLoadThatIsCancelledLeavesTheTableAsItWas() throws Exception {
        try (Capture capture = new Capture("cancelled")) {
            capture.execute(ITEMS);
            fill(capture, "items");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            // Somebody holds the table, so the load can't end before it is cancelled.
            try (Connection holder = DriverManager.getConnection(capture.database.jdbcUrl());
                    Statement statement = holder.createStatement()) {
                holder.setAutoCommit(false);
                statement.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
                capture.ask(LoadRequest.load(Capture.id("items")));
                Capture.awaitState(source, "items", SourceProgress.State.LOADING);
                capture.ask(LoadRequest.cancel(Capture.id("items")));
                Capture.awaitState(source, "items", SourceProgress.State.STREAMING);
                holder.rollback();
            }
            capture.execute("UPDATE items SET counter = 2 WHERE id = 1");
            capture.awaitCaughtUp(source);

            assertThat(capture.changes("items")).hasSize(ROWS + 1);
            List<LoadMarker> marks = capture.marks("orders", "items");
            assertThat(marks.get(marks.size() - 1).sweep())
                    .as("nothing may be swept")
                    .isFalse();
        }
    }

    @Test
    void aNewEpochReadsEverythingAgainWhateverWasLost() throws Exception {
        try (Capture capture = new Capture("epoch")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 1, 'a'), (2, 1, 'b')");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            LoadRequest asked = LoadRequest.load(Capture.id("items"));
            capture.ask(asked);
            org.awaitility.Awaitility.await()
                    .atMost(Capture.PATIENCE)
                    .until(() -> capture.marks("orders", "items").size() == 4);
            capture.awaitCaughtUp(first);
            first.close();
            org.awaitility.Awaitility.await().atMost(Capture.PATIENCE).until(() -> {
                capture.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE database = current_database() AND NOT active");
                return "0"
                        .equals(capture.query(
                                "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"));
            });
            capture.execute("DELETE FROM items WHERE id = 1", "INSERT INTO items VALUES (3, 1, 'c')");
            PostgresSource halted = capture.start();
            assertThat(Objects.requireNonNull(Capture.awaitHalt(halted).cause()).code())
                    .isEqualTo("SLOT_LOST");
            halted.close();
            PostgresSource second = capture.source();
            second.beginNewEpoch();
            second.start();
            Capture.awaitStreaming(second);
            capture.execute("UPDATE items SET counter = 5 WHERE id = 3");
            capture.awaitCaughtUp(second);

            List<Change> epoch = capture.changes("items").stream()
                    .filter(change -> change.provenance().position().epoch() == 2)
                    .toList();
            assertThat(Capture.lines(Capture.replayed(epoch)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
            List<LoadMarker> marks = capture.marks("orders", "items");
            assertThat(marks.get(marks.size() - 1).sweep()).isTrue();
            assertThat(second.progress().epoch()).isEqualTo(2);
            assertThat(capture.stored().tables().get(Capture.id("items")).request())
                    .as("what was carried out is not asked for once more")
                    .isEqualTo(asked.id());
            assertThat(marks).hasSize(6);
        }
    }

    /** A row that a range read may repeat what the stream said; from there on each value comes once, and none goes back. */
    static void checkCounters(List<Change> changes) {
        Map<Object, Integer> last = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Deleted deleted) {
                last.remove(Objects.requireNonNull(deleted.key().part(0)));
            } else if (change instanceof Change.Upserted upserted) {
                Object id = Objects.requireNonNull(upserted.after().value("id"));
                int counter = (Integer) Objects.requireNonNull(upserted.after().value("counter"));
                Integer before = last.put(id, counter);
                if (before != null) {
                    assertThat(counter)
                            .as("row %s at %s", id, change.provenance())
                            .isGreaterThanOrEqualTo(before);
                }
            }
        }
    }

    /** Updates, deletes and inserts, as fast as one connection can, with a rest now and then. */
    private static final class Load implements AutoCloseable {

        private final AtomicBoolean going = new AtomicBoolean(true);
        private final Thread thread;

        Load(String url, String table) {
            this.thread = new Thread(() -> run(url, table), "load");
            thread.start();
        }

        private void run(String url, String table) {
            Random random = new Random(3);
            long next = 1_000_000;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                while (going.get()) {
                    int id = 1 + random.nextInt(ROWS);
                    switch (random.nextInt(6)) {
                        case 0 -> statement.execute("DELETE FROM " + table + " WHERE id = " + id);
                        case 1 -> statement.execute("INSERT INTO " + table + " VALUES (" + next++ + ", 1, 'new')");
                        case 2 ->
                            statement.execute("UPDATE " + table + " SET counter = counter + 1 WHERE id BETWEEN " + id
                                    + " AND " + (id + 20));
                        default -> statement.execute("UPDATE " + table + " SET counter = counter + 1 WHERE id = " + id);
                    }
                    LockSupport.parkNanos(200_000);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        void stop() throws InterruptedException {
            going.set(false);
            thread.join();
        }

        @Override
        public void close() throws InterruptedException {
            stop();
        }
    }
}
