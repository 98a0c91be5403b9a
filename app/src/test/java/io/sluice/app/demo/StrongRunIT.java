package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger with {@code consistency: strong}, by {@code sluice run}, from its database to another: its books balance at any moment. */
class StrongRunIT {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int ACCOUNTS = 200;

    private static final String PIPELINE =
            """
            pipeline: books
            kafka: {bootstrap: "%s"}
            registry: {url: "%s"}
            sources: {bank: {postgresql: "${env:SOURCE_URL}"}}
            services:
              ledger:
                target: {postgresql: "${env:TARGET_URL}"}
                consistency: strong
                tables:
                  entries: {from: bank.public.entries}
                  accounts: {from: bank.public.accounts}
                  scratch: {from: bank.public.scratch}
            """;

    /** How much there is more or less than there was, how many accounts are not what their entries say, and what is not done yet. */
    private static final String LOOK =
            """
            SELECT (SELECT sum(balance) FROM accounts),
                (SELECT count(*) FROM accounts a LEFT JOIN (SELECT account, sum(amount) AS moved FROM entries GROUP BY 1) e
                     ON e.account = a.id WHERE a.balance <> coalesce(e.moved, 0)),
                (SELECT count(*) FROM sluice.loading), (SELECT count(*) FROM accounts),
                (SELECT count(*) - count(DISTINCT tag) FROM accounts),
                (SELECT count(*) FROM scratch WHERE batch <> (SELECT max(batch) FROM scratch))
            """;

    @TempDir
    private Path folder;

    private Database source;
    private Database target;
    private final Random random = new Random(3);
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private volatile boolean stopping;
    private volatile String worst = "";

    @BeforeEach
    void books() throws SQLException {
        source = PostgresServer.shared().freshDatabase("books_source");
        target = PostgresServer.shared().freshDatabase("books_target");
        sql(
                source,
                "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL, tag int NOT NULL "
                        + "UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                "CREATE TABLE entries (id bigserial PRIMARY KEY, account int NOT NULL REFERENCES accounts, amount bigint NOT NULL)",
                "CREATE TABLE scratch (id int PRIMARY KEY, batch int NOT NULL)",
                "INSERT INTO accounts SELECT g, 0, g FROM generate_series(1, " + ACCOUNTS + ") g");
    }

    private static Connection open(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** In one transaction. */
    private static void sql(Database database, String... statements) throws SQLException {
        try (Connection connection = open(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String each : statements) {
                statement.execute(each);
            }
            connection.commit();
        }
    }

    /** Transfers, of which some swap unique tags; then a large one, which also fills a table anew. */
    private void transact(int transactions, int batch) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            int from = 1 + random.nextInt(ACCOUNTS - 1);
            int to = from + 1;
            sql(
                    source,
                    "INSERT INTO entries (account, amount) VALUES (" + from + ", -5), (" + to + ", 5)",
                    "UPDATE accounts SET balance = balance - 5 WHERE id = " + from,
                    "UPDATE accounts SET balance = balance + 5, tag = (SELECT sum(tag) FROM accounts WHERE id IN ("
                            + from + ", " + to + ")) - tag WHERE id = " + to,
                    "UPDATE accounts SET tag = (SELECT sum(g) FROM generate_series(1, " + ACCOUNTS
                            + ") g) - (SELECT sum(tag) FROM accounts WHERE id <> " + from + ") WHERE id = " + from);
        }
        sql(
                source,
                "INSERT INTO entries (account, amount) SELECT 1 + g % " + ACCOUNTS
                        + ", CASE WHEN g % 2 = 0 THEN 3 ELSE -3 END " + "FROM generate_series(1, 12000) g",
                "UPDATE accounts a SET balance = (SELECT sum(amount) FROM entries e WHERE e.account = a.id)",
                "TRUNCATE scratch",
                "INSERT INTO scratch SELECT g, " + batch + " FROM generate_series(1, 50) g");
    }

    private void look() {
        try (Connection connection = open(target);
                Statement statement = connection.createStatement()) {
            while (!stopping) {
                try (ResultSet row = statement.executeQuery(LOOK)) {
                    row.next();
                    if (row.getLong(3) > 0 || row.getLong(4) < ACCOUNTS) {
                        continue;
                    }
                    looks.incrementAndGet();
                    if (row.getLong(1) != 0 || row.getLong(2) + row.getLong(5) + row.getLong(6) != 0) {
                        wrong.incrementAndGet();
                        worst = row.getLong(1) + " too much, " + row.getLong(2) + " at odds, " + row.getLong(5)
                                + " tags twice, " + row.getLong(6) + " rows that were truncated";
                    }
                }
            }
        } catch (SQLException e) {
            worst = String.valueOf(e.getMessage());
            wrong.incrementAndGet();
        }
    }

    private SluiceProcess run(LocalStack stack, String roles) throws Exception {
        Path file = Files.writeString(
                folder.resolve("pipeline.yaml"), PIPELINE.formatted(stack.kafkaBootstrap(), stack.registryUrl()));
        return SluiceProcess.start(
                folder.resolve(roles + ".log"),
                Map.of("SOURCE_URL", source.url(), "TARGET_URL", target.url()),
                "run",
                file.toString(),
                "--role",
                roles);
    }

    private void awaitEqual(SluiceProcess sink) throws Exception {
        for (String table : new String[] {"accounts", "entries", "scratch"}) {
            Awaitility.await(table)
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .failFast("the sink halts", () -> sink.printed().contains("halted ["))
                    .until(() -> {
                        try (Connection one = open(source);
                                Connection two = open(target)) {
                            return Comparison.compare(one, two, table).isEqual();
                        }
                    });
        }
    }

    @Test
    void theBooksBalanceAtAnyMomentWhateverIsKilled() throws Exception {
        try (LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY);
                SluiceProcess before = run(stack, "source,transform")) {
            try (SluiceProcess sink = run(stack, "sink")) {
                awaitEqual(sink);
                sql(target, "ALTER TABLE accounts ADD UNIQUE (tag)");
                sql(target, "ALTER TABLE entries ADD FOREIGN KEY (account) REFERENCES accounts (id)");
                Thread reader = new Thread(this::look, "look");
                reader.start();
                try {
                    transact(60, 1);
                    sql(
                            target,
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    + "WHERE application_name LIKE 'sluice-sink-%' AND datname = current_database()");
                    transact(60, 2);
                    sink.killNine();
                    before.killNine();
                    transact(60, 3);
                    try (SluiceProcess both = run(stack, "source,transform,sink")) {
                        transact(60, 4);
                        awaitEqual(both);
                        assertThat(both.stop()).isEqualTo(143);
                    }
                } finally {
                    stopping = true;
                    reader.join();
                }
            }
            assertThat(wrong.get()).as(worst).isZero();
            assertThat(looks.get()).isGreaterThan(20);
        }
    }
}
