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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator decides about rows that somebody changed in the target, while the pipeline runs. */
class ConflictsIT {

    @TempDir
    private Path folder;

    private final Database source = PostgresServer.shared().freshDatabase("conflicts_source");
    private final Database target = PostgresServer.shared().freshDatabase("conflicts_target");

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
    void conflictsAreListedShownAndResolved() throws Exception {
        execute(source, "CREATE TABLE accounts (id bigint PRIMARY KEY, note text, at timestamptz)");
        execute(source, "ALTER TABLE accounts REPLICA IDENTITY FULL");
        execute(source, "INSERT INTO accounts SELECT g, 'n' || g, '2026-01-01Z' FROM generate_series(1, 20) g");
        String file = Files.writeString(
                        folder.resolve("pipeline.yaml"),
                        """
                        pipeline: decide
                        sources: {monolith: {postgresql: "${file:%s}"}}
                        services:
                          billing:
                            target: {postgresql: "${file:%s}"}
                            tables:
                              accounts:
                                from: monolith.public.accounts
                                conflict: {resolve: manual, by: at, alert: true}
                        """
                                .formatted(
                                        Files.writeString(folder.resolve("source"), source.url()),
                                        Files.writeString(folder.resolve("target"), target.url())))
                .toString();
        try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file)) {
            awaitOne(target, "SELECT count(*) FROM accounts", "20");
            assertThat(sluice("conflicts", "list", file)).isEqualTo(new Ended(0, "no conflicts\n"));
            execute(target, "UPDATE accounts SET note = 'theirs' || id, at = '2026-03-01Z' WHERE id IN (3, 4)");
            execute(source, "UPDATE accounts SET note = 'ours' || id, at = '2026-02-01Z' WHERE id IN (3, 4, 5)");
            awaitOne(target, "SELECT count(*) FROM sluice.parked", "2");
            awaitOne(target, "SELECT note FROM accounts WHERE id = 5", "ours5");
            assertThat(one(target, "SELECT note FROM accounts WHERE id = 3")).isEqualTo("theirs3");

            Ended listed = sluice("conflicts", "list", file);
            assertThat(listed.printed())
                    .contains("billing  accounts:", "the target's row is newer, by at; 0 changes behind it")
                    .doesNotContain("theirs", "ours");
            assertThat(sluice("conflicts", "list", file, "--json").printed()).contains("\"inVain\" : false");
            assertThat(sluice("dead-letters", "list", file)).isEqualTo(new Ended(0, "no dead letters\n"));
            String name = "accounts:"
                    + one(
                            target,
                            "SELECT partition || ':' || record_offset FROM sluice.parked ORDER BY partition, record_offset");
            Ended hidden = sluice("conflicts", "show", file, "--service", "billing", "--conflict", name);
            assertThat(hidden.printed())
                    .contains("conflict " + name, "behind it 0")
                    .doesNotContain("theirs", "ours");
            Ended shown = sluice("conflicts", "show", file, "--service", "billing", "--conflict", name, "--values");
            assertThat(shown.printed())
                    .containsPattern(
                            "source, the change that met it\\R +id +[34]\\R +note +ours[34]\\R +at +2026-02-01")
                    .containsPattern("target, now\\R +id +[34]\\R +note +theirs[34]\\R +at +2026-03-01");
            assertThat(sluice("conflicts", "show", file, "--service", "billing", "--conflict", "accounts:0:77777")
                            .code())
                    .isEqualTo(2);

            Ended source1 = sluice(
                    "conflicts", "resolve", file, "--service", "billing", "--conflict", name, "--take", "source");
            assertThat(source1).isEqualTo(new Ended(0, "1 conflict is resolved, 0 are open still.\n"));
            assertThat(one(target, "SELECT count(*) FROM accounts WHERE note LIKE 'theirs%'"))
                    .isEqualTo("1");
            Ended target1 = sluice(
                    "conflicts", "resolve", file, "--service", "billing", "--table", "accounts", "--take", "target");
            assertThat(target1).isEqualTo(new Ended(0, "1 conflict is resolved, 0 are open still.\n"));
            assertThat(one(target, "SELECT count(*) FROM accounts WHERE note LIKE 'theirs%'"))
                    .isEqualTo("1");
            execute(source, "UPDATE accounts SET note = 'newest', at = '2026-04-01Z' WHERE id IN (3, 4)");
            awaitOne(target, "SELECT count(*) FROM accounts WHERE note = 'newest'", "2");
            awaitOne(target, "SELECT count(*) FROM sluice.parked", "0");
            assertThat(sluice("conflicts", "resolve", file, "--service", "billing", "--all", "--take", "target"))
                    .isEqualTo(new Ended(0, "There is no such conflict.\n"));
            assertThat(run.isAlive()).isTrue();
        }
    }
}
