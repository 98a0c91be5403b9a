package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does about rows that a target refuses, while the pipeline runs. */
class DeadLettersIT {

    @TempDir
    private Path folder;

    private final Database source = PostgresServer.shared().freshDatabase("letters_source");
    private final Database target = PostgresServer.shared().freshDatabase("letters_target");

    private static final Pattern NAMED = Pattern.compile("of transaction (\\S+) at position (\\S+)");

    private static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String one(Database database, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    private static void awaitOne(Database database, String query, String expected) {
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .untilAsserted(() -> assertThat(one(database, query)).isEqualTo(expected));
    }

    private record Ended(int code, String printed) {}

    private static Ended sluice(String... arguments) {
        StringWriter printed = new StringWriter();
        PrintWriter writer = new PrintWriter(printed);
        int code = new Cli(new Console(writer, writer, false)).run(arguments);
        return new Ended(code, printed.toString());
    }

    @Test
    void lettersAreListedShownReplayedAndGivenUp() throws Exception {
        execute(source, "CREATE TABLE accounts (id bigint PRIMARY KEY, note text)");
        execute(source, "INSERT INTO accounts SELECT g, 'n' || g FROM generate_series(1, 100) g");
        String file = Files.writeString(
                        folder.resolve("pipeline.yaml"),
                        """
                        pipeline: letters
                        sources: {monolith: {postgresql: "${file:%s}"}}
                        services:
                          billing:
                            target: {postgresql: "${file:%s}"}
                            tables: {accounts: {from: monolith.public.accounts}}
                        """
                                .formatted(
                                        Files.writeString(folder.resolve("source"), source.url()),
                                        Files.writeString(folder.resolve("target"), target.url())))
                .toString();
        try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file)) {
            awaitOne(target, "SELECT count(*) FROM accounts", "100");
            assertThat(sluice("dead-letters", "list", file)).isEqualTo(new Ended(0, "no dead letters\n"));
            execute(target, "ALTER TABLE accounts ADD CONSTRAINT sane CHECK (note <> 'topsecret')");
            execute(source, "UPDATE accounts SET note = 'topsecret' WHERE id IN (3, 4)");
            execute(source, "UPDATE accounts SET note = 'other' WHERE id = 5");
            awaitOne(target, "SELECT count(*) FROM sluice.parked WHERE relayed", "2");
            awaitOne(target, "SELECT note FROM accounts WHERE id = 5", "other");

            Ended listed = sluice("dead-letters", "list", file);
            assertThat(listed.printed()).contains("billing  sink  accounts  refused 23514: 2 letters, 2 held");
            assertThat(sluice("dead-letters", "list", file, "--json").printed()).contains("\"held\" : 2");
            Ended shown = sluice("dead-letters", "show", file, "--service", "billing");
            assertThat(shown.printed())
                    .contains("letter 0,")
                    .contains("constraint sane")
                    .doesNotContain("topsecret")
                    .doesNotContain("  key  ");
            assertThat(sluice("dead-letters", "show", file, "--service", "billing", "--letter", "0", "--values")
                            .printed())
                    .contains("  key  ");
            assertThat(sluice("dead-letters", "show", file, "--service", "billing", "--letter", "77")
                            .code())
                    .isEqualTo(2);

            Ended inVain = sluice("dead-letters", "replay", file, "--service", "billing", "--all");
            assertThat(inVain.printed()).contains("0 held records came through, 2 are held still");
            assertThat(inVain.code()).isEqualTo(1);
            Ended given = sluice("dead-letters", "discard", file, "--service", "billing", "--letter", "0");
            assertThat(given).isEqualTo(new Ended(0, "1 held records are given up, 0 are held still.\n"));
            execute(target, "ALTER TABLE accounts DROP CONSTRAINT sane");
            Ended replayed = sluice("dead-letters", "replay", file, "--service", "billing", "--table", "accounts");
            assertThat(replayed.printed()).contains("1 held records came through, 0 are held still");
            assertThat(replayed.code()).isZero();
            assertThat(one(target, "SELECT count(*) FROM accounts WHERE note = 'topsecret'"))
                    .isEqualTo("1");
            execute(source, "UPDATE accounts SET note = 'whole' WHERE id IN (3, 4)");
            awaitOne(target, "SELECT count(*) FROM accounts WHERE note = 'whole'", "2");
            awaitOne(target, "SELECT count(*) FROM sluice.parked", "0");
            assertThat(run.isAlive()).isTrue();
        }
    }

    @Test
    void aTransactionOfAStrongServiceIsSetAsideWhole() throws Exception {
        execute(source, "CREATE TABLE accounts (id bigint PRIMARY KEY, note text)");
        execute(source, "INSERT INTO accounts SELECT g, 'n' || g FROM generate_series(1, 10) g");
        String file = Files.writeString(
                        folder.resolve("pipeline.yaml"),
                        """
                        pipeline: aside
                        sources: {monolith: {postgresql: "${file:%s}"}}
                        services:
                          billing:
                            target: {postgresql: "${file:%s}"}
                            consistency: strong
                            tables: {accounts: {from: monolith.public.accounts}}
                        """
                                .formatted(
                                        Files.writeString(folder.resolve("source"), source.url()),
                                        Files.writeString(folder.resolve("target"), target.url())))
                .toString();
        String[] ask = {"dead-letters", "set-aside", file, "--service", "billing", "--transaction", "7@here"};
        Matcher named;
        try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file)) {
            awaitOne(target, "SELECT count(*) FROM accounts", "10");
            execute(target, "ALTER TABLE accounts ADD CONSTRAINT sane CHECK (note <> 'topsecret')");
            execute(source, "UPDATE accounts SET note = 'topsecret' WHERE id IN (3, 4)");
            execute(source, "UPDATE accounts SET note = 'other' WHERE id = 5");
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> NAMED.matcher(run.printed()).find());
            named = NAMED.matcher(run.printed());
            assertThat(named.find()).isTrue();
        }
        assertThat(sluice(ask).code()).isEqualTo(2);
        ask[6] = named.group(1) + "@" + named.group(2);
        assertThat(sluice(ask)).satisfies(answer -> {
            assertThat(answer.printed()).contains("sets it aside when it comes to it");
            assertThat(answer.code()).isZero();
        });
        try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file)) {
            awaitOne(target, "SELECT note FROM accounts WHERE id = 5", "other");
            awaitOne(target, "SELECT count(*) FROM sluice.parked WHERE relayed", "2");
            assertThat(one(target, "SELECT count(*) FROM accounts WHERE note = 'topsecret'"))
                    .isEqualTo("0");
            assertThat(sluice("dead-letters", "list", file).printed())
                    .contains("refused TRANSACTION_REFUSED: 2 letters, 2 held");
            assertThat(sluice("dead-letters", "replay", file, "--service", "billing", "--all"))
                    .satisfies(answer -> assertThat(answer.code()).isEqualTo(2));
            assertThat(sluice(ask).printed()).contains("has been set aside before");
            assertThat(run.isAlive()).isTrue();
        }
    }
}
