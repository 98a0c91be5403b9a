package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A service that is to be applied whole: one topic with the transactions of the source, their bounds, and their order. */
class StrongServiceIT {

    /** Several times what is read from the log at once, and what one Kafka transaction takes otherwise. */
    private static final int MANY = 20_000;

    @Test
    void transactionsArriveWholeInTheirOrderAlsoAcrossRestarts() throws Exception {
        try (Capture capture = bank("bounds");
                Connection other = DriverManager.getConnection(capture.database.jdbcUrl())) {
            capture.reading(Map.of("orders", List.of("entries"), Capture.STRONG, List.of("accounts", "entries")));
            List<String> committed = new ArrayList<>();
            PostgresSource source = capture.start();
            Capture.awaitStreaming(source);

            interleaved(capture, other, committed);
            committed.add(transaction(
                    capture.sql,
                    "UPDATE accounts SET balance = 7 WHERE id = 1",
                    "INSERT INTO entries VALUES (300, 1, 'kept')",
                    "SAVEPOINT a",
                    "INSERT INTO entries VALUES (301, 1, 'taken back')",
                    "UPDATE accounts SET balance = 8 WHERE id = 1",
                    "ROLLBACK TO SAVEPOINT a",
                    "SAVEPOINT b",
                    "DELETE FROM accounts WHERE id = 2",
                    "RELEASE SAVEPOINT b",
                    "UPDATE entries SET id = 302 WHERE id = 300"));
            rolledBack(capture.sql, "UPDATE accounts SET balance = 9");
            transaction(capture.sql, "INSERT INTO elsewhere VALUES (1)");
            committed.add(transaction(capture.sql, "INSERT INTO accounts VALUES (400, 4)"));
            capture.awaitCaughtUp(source);
            committed.add(large(capture, 10_000));
            source.close();

            committed.add(transaction(
                    capture.sql,
                    "INSERT INTO entries VALUES (500, 5, 'while away')",
                    "DELETE FROM accounts WHERE id = 3"));
            committed.add(large(capture, 50_000));
            interleaved(capture, other, committed, 600);
            PostgresSource second = capture.start();
            capture.awaitCaughtUp(second);

            OrderedTopic topic = OrderedTopic.read(capture);
            assertThat(topic.transactions().stream().map(OrderedTopic.Transaction::name))
                    .containsExactlyElementsOf(committed);
            assertSameAsSource(topic, capture);
            List<Change> subtransactions = topic.transactions().get(2).changes();
            // The last update gave the row another key: a delete and an upsert.
            assertThat(subtransactions).hasSize(5);
            assertThat(subtransactions.stream().map(change -> change.table().table()))
                    .containsExactly("accounts", "entries", "accounts", "entries", "entries");
            assertThat(topic.transactions().stream()
                            .filter(each -> each.changes().size() == MANY + 1))
                    .hasSize(2);
            assertThat(Capture.lines(Capture.replayed(capture.changes("orders", "entries"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM entries"));
            assertThat(capture.changes("orders", "entries")).hasSameSizeAs(topic.changes("entries"));
        }
    }

    @Test
    void keysOfTwoTablesDifferWhereTheirValuesAreTheSame() throws Exception {
        try (Capture capture = bank("samekeys")) {
            capture.execute(
                    "CREATE TABLE twins (id bigint PRIMARY KEY, account int, note text)",
                    "INSERT INTO twins SELECT * FROM entries");
            capture.reading(Map.of(Capture.STRONG, List.of("entries", "twins")));
            PostgresSource source = capture.start();
            Capture.awaitStreaming(source);

            var records = capture.records(capture.pipelineName + "." + Capture.STRONG + ".changes");
            List<byte[]> keys = new ArrayList<>();
            records.stream().filter(record -> record.key() != null).forEach(record -> keys.add(record.key()));
            assertThat(keys).hasSize(20);
            assertThat(new HashSet<>(keys.stream().map(Arrays::toString).toList()))
                    .hasSize(20);
        }
    }

    @Test
    void aTruncateStandsInItsTurn() throws Exception {
        try (Capture capture = bank("truncate")) {
            capture.reading(Map.of(Capture.STRONG, List.of("accounts", "entries")));
            PostgresSource source = capture.start();
            Capture.awaitStreaming(source);

            String name = transaction(
                    capture.sql,
                    "INSERT INTO accounts VALUES (50, 1)",
                    "TRUNCATE accounts, entries",
                    "INSERT INTO accounts VALUES (51, 1)");
            transaction(capture.sql, "INSERT INTO entries VALUES (52, 51, 'after')");
            capture.awaitCaughtUp(source);

            OrderedTopic topic = OrderedTopic.read(capture);
            OrderedTopic.Transaction first = topic.transactions().get(0);
            assertThat(first.name()).isEqualTo(name);
            assertThat(first.changes().stream().filter(Change.Truncated.class::isInstance))
                    .hasSize(2);
            assertThat(first.changes()).hasSize(4);
            assertThat(topic.rows("accounts")).containsExactly("51|1");
            assertSameAsSource(topic, capture);
        }
    }

    @Test
    void aTruncateHaltsTheSourceWhereAnotherServiceHasNoPlaceForIt() throws Exception {
        try (Capture capture = bank("shared")) {
            capture.reading(Map.of("orders", List.of("entries"), Capture.STRONG, List.of("accounts", "entries")));
            PostgresSource source = capture.start();
            Capture.awaitStreaming(source);
            String before = transaction(capture.sql, "INSERT INTO accounts VALUES (60, 1)");
            transaction(capture.sql, "INSERT INTO accounts VALUES (61, 1)", "TRUNCATE entries");

            Throwable cause = Objects.requireNonNull(Capture.awaitHalt(source).cause());
            assertThat(cause)
                    .isInstanceOf(HaltException.class)
                    .hasMessageContaining("TABLE_TRUNCATED")
                    .hasMessageContaining("--new-epoch");
            source.close();
            capture.endOpenTransaction();
            // Of what was committed in Kafka everything is whole, and the halt is before its own transaction.
            assertThat(OrderedTopic.read(capture).transactions().stream().map(OrderedTopic.Transaction::name))
                    .isIn(List.of(), List.of(before));
        }
    }

    @Test
    void aTableThatIsGoneHaltsTheSourceAlsoWhenItStarts() throws Exception {
        try (Capture capture = bank("gone")) {
            capture.reading(Map.of(Capture.STRONG, List.of("accounts", "entries")));
            PostgresSource source = capture.start();
            Capture.awaitStreaming(source);
            source.close();
            capture.execute("DROP TABLE entries");

            PostgresSource second = capture.source();
            second.start();

            assertThat(Capture.awaitHalt(second).cause())
                    .isInstanceOf(HaltException.class)
                    .hasMessageContaining("TABLE_REPLACED")
                    .hasMessageContaining("table shop.public.entries");
        }
    }

    private static Capture bank(String name) throws SQLException {
        Capture capture = new Capture(name);
        capture.execute(
                "CREATE TABLE accounts (id int PRIMARY KEY, balance int)",
                "CREATE TABLE entries (id bigint PRIMARY KEY, account int, note text)",
                "CREATE TABLE elsewhere (id int PRIMARY KEY)",
                "INSERT INTO accounts SELECT i, 0 FROM generate_series(1, 10) i",
                "INSERT INTO entries SELECT i, i, 'first' FROM generate_series(1, 10) i");
        return capture;
    }

    private static void interleaved(Capture capture, Connection other, List<String> committed) throws SQLException {
        interleaved(capture, other, committed, 100);
    }

    /** The one that begins first commits last. */
    private static void interleaved(Capture capture, Connection other, List<String> committed, int from)
            throws SQLException {
        capture.sql.setAutoCommit(false);
        String first = named(capture.sql, "INSERT INTO accounts VALUES (" + from + ", 1)");
        committed.add(transaction(
                other,
                "INSERT INTO entries VALUES (" + (from + 1) + ", 1, 'between')",
                "INSERT INTO accounts VALUES (" + (from + 1) + ", 2)"));
        named(capture.sql, "INSERT INTO entries VALUES (" + from + ", 1, 'around')");
        capture.sql.commit();
        capture.sql.setAutoCommit(true);
        committed.add(first);
    }

    private static String large(Capture capture, int from) throws SQLException {
        return transaction(
                capture.sql,
                "INSERT INTO entries SELECT i, 1, repeat('x', 100) FROM generate_series(" + from + ", "
                        + (from + MANY - 1) + ") i",
                "UPDATE accounts SET balance = balance + 1 WHERE id = 1");
    }

    private static String transaction(Connection connection, String... statements) throws SQLException {
        connection.setAutoCommit(false);
        String name = named(connection, statements);
        connection.commit();
        connection.setAutoCommit(true);
        return name;
    }

    private static void rolledBack(Connection connection, String... statements) throws SQLException {
        connection.setAutoCommit(false);
        named(connection, statements);
        connection.rollback();
        connection.setAutoCommit(true);
    }

    /** The transaction's name as the log has it. */
    private static String named(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
            try (ResultSet result =
                    statement.executeQuery("SELECT (pg_current_xact_id()::text::numeric % 4294967296)::text")) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private static void assertSameAsSource(OrderedTopic topic, Capture capture) throws SQLException {
        for (String table : List.of("accounts", "entries")) {
            assertThat(topic.rows(table)).containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM " + table));
        }
        // Each table's first load, and nothing else.
        assertThat(topic.loadMarks()).isEqualTo(4);
    }
}
