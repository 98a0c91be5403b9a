package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Change;
import io.sluice.source.request.LoadRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tables that can't be read to their end, or changes of them that can't be published: that one halts, the others go on. */
class HaltedLoadIT {

    private static final int MEBIBYTE = 1 << 20;
    private static final String MOMENTS = "CREATE TABLE moments (id int PRIMARY KEY, at timestamp)";
    /** PostgreSQL counts on for thirty years after the microseconds of a 64-bit number have run out. */
    private static final String BEYOND = "UPDATE moments SET at = '294250-01-01' WHERE id = 1500";

    @Test
    void aBadValueInTheFirstLoadHaltsItsTableAloneAndABackfillBringsItBack() throws Exception {
        try (Capture capture = new Capture("badvalue")) {
            capture.execute(
                    MOMENTS,
                    "INSERT INTO moments SELECT i, now() FROM generate_series(1, 3000) i",
                    BEYOND,
                    "CREATE TABLE items (id int PRIMARY KEY)",
                    "INSERT INTO items SELECT generate_series(1, 3000)");
            PostgresSource source = capture.reading("moments", "items").start();
            assertThat(Capture.awaitTableHalt(source, "moments").code()).isEqualTo("VALUE_NOT_REPRESENTABLE");
            Capture.awaitState(source, "items", SourceProgress.State.STREAMING);
            capture.execute("INSERT INTO items VALUES (3001)", "DELETE FROM moments WHERE id > 2000");
            capture.awaitCaughtUp(source);
            assertThat(capture.changes("items")).hasSize(3001);

            // The next instance knows, and does not read it either.
            capture.stop(source);
            PostgresSource second = capture.start();
            assertThat(Capture.awaitTableHalt(second, "moments").code()).isEqualTo("VALUE_NOT_REPRESENTABLE");
            capture.execute("UPDATE moments SET at = 'infinity' WHERE id = 1500");
            capture.ask(LoadRequest.load(Capture.id("moments")));
            Capture.awaitStreaming(second);
            capture.execute("INSERT INTO moments VALUES (5000, NULL)");
            capture.awaitCaughtUp(second);

            assertThat(marks(capture, "moments"))
                    .containsExactly(
                            tuple(Kind.BEGIN, false),
                            tuple(Kind.END, false),
                            tuple(Kind.BEGIN, true),
                            tuple(Kind.END, true));
            assertThat(Capture.replayed(capture.changes("moments")).values())
                    .extracting(row -> row.value("id"))
                    .contains(1500, 5000);
            assertThat(capture.changes("items")).hasSize(3001);
        }
    }

    @Test
    void aBadValueInTheFirstLoadHaltsTheSourceWhereAServiceMayMissNothing() throws Exception {
        try (Capture capture = new Capture("badstrong")) {
            capture.execute(MOMENTS, "INSERT INTO moments VALUES (1500, NULL)", BEYOND);
            PostgresSource source =
                    capture.reading(Map.of(Capture.STRONG, List.of("moments"))).start();

            assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause()))
                    .hasMessageContaining("VALUE_NOT_REPRESENTABLE")
                    .hasMessageContaining("--new-epoch");
        }
    }

    @Test
    void aChangeLargerThanARecordMayBeHaltsItsTableWhateverReadsIt() throws Exception {
        try (Capture capture = Capture.limitedTo(MEBIBYTE, "oversized");
                Connection holder = DriverManager.getConnection(capture.database.jdbcUrl())) {
            String large = "repeat('x', " + MEBIBYTE + ")";
            capture.execute(
                    "CREATE TABLE docs (id int PRIMARY KEY, body text)",
                    "INSERT INTO docs VALUES (1, 'a'), (2, " + large + ")",
                    "CREATE TABLE items (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("docs", "items").start();
            assertThat(Capture.awaitTableHalt(source, "docs").code())
                    .as("in the first load")
                    .isEqualTo("RECORD_TOO_LARGE");

            // Somebody's open transaction keeps the ranges waiting, so that the stream meets the table before they do.
            holder.setAutoCommit(false);
            Sql.nextTransaction(holder);
            capture.ask(LoadRequest.load(Capture.id("docs")));
            Capture.awaitState(source, "docs", SourceProgress.State.LOADING);
            capture.execute("INSERT INTO docs VALUES (3, 'streamed')");
            capture.awaitCaughtUp(source);
            holder.commit();
            assertThat(Capture.awaitTableHalt(source, "docs").code())
                    .as("in a range of keys")
                    .isEqualTo("RECORD_TOO_LARGE");
            capture.execute("INSERT INTO docs VALUES (4, 'discarded')", "INSERT INTO items VALUES (1)");
            capture.awaitCaughtUp(source);
            assertThat(ids(capture.changes("docs"))).contains(3).doesNotContain(2, 4);

            capture.execute("UPDATE docs SET body = 'b' WHERE id = 2");
            capture.ask(LoadRequest.load(Capture.id("docs")));
            Capture.awaitState(source, "docs", SourceProgress.State.STREAMING);
            capture.execute(
                    "INSERT INTO docs VALUES (5, 'before')",
                    "INSERT INTO docs VALUES (6, " + large + ")",
                    "INSERT INTO docs VALUES (7, 'discarded')",
                    "INSERT INTO items VALUES (2)");
            assertThat(Capture.awaitTableHalt(source, "docs").code())
                    .as("in the stream")
                    .isEqualTo("RECORD_TOO_LARGE");
            capture.awaitCaughtUp(source);
            assertThat(ids(capture.changes("docs"))).contains(4, 5).doesNotContain(6, 7);
            assertThat(capture.changes("items")).hasSize(2);

            capture.execute("DELETE FROM docs WHERE id = 6");
            capture.ask(LoadRequest.load(Capture.id("docs")));
            Capture.awaitStreaming(source);
            capture.awaitCaughtUp(source);
            assertThat(Capture.lines(Capture.replayed(capture.changes("docs"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM docs"));
            assertThat(marks(capture, "docs"))
                    .containsExactly(
                            tuple(Kind.BEGIN, false),
                            tuple(Kind.END, false),
                            tuple(Kind.BEGIN, true),
                            tuple(Kind.END, false),
                            tuple(Kind.BEGIN, true),
                            tuple(Kind.END, true),
                            tuple(Kind.BEGIN, true),
                            tuple(Kind.END, true));
        }
    }

    @Test
    void aTableThatIsGoneWhileItsLoadWasOpenGivesTheLoadUp() throws Exception {
        try (Capture capture = new Capture("openload");
                Connection holder = DriverManager.getConnection(capture.database.jdbcUrl())) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)", "CREATE TABLE others (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("items", "others").start();
            Capture.awaitStreaming(source);
            holder.setAutoCommit(false);
            Sql.nextTransaction(holder);
            capture.ask(LoadRequest.load(Capture.id("items")));
            Capture.awaitState(source, "items", SourceProgress.State.LOADING);
            capture.stop(source);
            capture.execute("DROP TABLE items");
            PostgresSource second = capture.source();
            second.start();

            assertThat(Capture.awaitTableHalt(second, "items").code()).isEqualTo("TABLE_REPLACED");
            Awaitility.await().atMost(Capture.PATIENCE).untilAsserted(() -> assertThat(marks(capture, "items"))
                    .endsWith(tuple(Kind.BEGIN, true), tuple(Kind.END, false)));
        }
    }

    private static List<org.assertj.core.groups.Tuple> marks(Capture capture, String table) throws Exception {
        return capture.marks("orders", table).stream()
                .map((LoadMarker mark) -> tuple(mark.kind(), mark.sweep()))
                .toList();
    }

    private static List<Object> ids(List<Change> changes) {
        return changes.stream()
                .map(change -> ((Change.Upserted) change).key().part(0))
                .toList();
    }
}
