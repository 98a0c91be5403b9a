package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Unchanged;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PostgresSourceIT {

    private static final String ITEMS = "CREATE TABLE items (id bigint PRIMARY KEY, name text, price numeric(10,2))";

    @Test
    void tablesAreReadOnceAndThenFollowed() throws Exception {
        try (Capture capture = new Capture("follow")) {
            capture.execute(ITEMS, "INSERT INTO items SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, 1000) i");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "INSERT INTO items VALUES (2000, 'new', 1), (2001, NULL, NULL)",
                    "UPDATE items SET name = 'changed' WHERE id % 10 = 0",
                    "DELETE FROM items WHERE id % 7 = 0");
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("items");
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
            assertThat(changes.stream().filter(change -> change.provenance().kind() == Provenance.Kind.SNAPSHOT))
                    .hasSize(1000);
            assertThat(source.progress().tables().get(0).rowsRead()).isEqualTo(1000);
            assertThat(source.progress().tables().get(0).changes()).isEqualTo(2 + 101 + 142);
        }
    }

    @Test
    void aRestartGoesOnWhereItStopped() throws Exception {
        try (Capture capture = new Capture("restart")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 'one', 1)");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            capture.execute("INSERT INTO items VALUES (2, 'two', 2)");
            capture.awaitCaughtUp(first);
            first.close();
            assertThat(first.status().state()).isEqualTo(StageState.STOPPED);
            capture.execute("INSERT INTO items VALUES (3, 'three', 3)", "UPDATE items SET price = 9 WHERE id = 1");
            PostgresSource second = capture.start();
            capture.awaitCaughtUp(second);

            List<Change> changes = capture.changes("items");
            assertThat(changes).hasSize(4);
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
        }
    }

    @Test
    void aStopIsQuickAndLeavesNeitherThreadsNorSessions() throws Exception {
        try (Capture capture = new Capture("stop")) {
            capture.execute(ITEMS);
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute("INSERT INTO items VALUES (1, 'one', 1)");
            capture.awaitCaughtUp(source);

            long begin = System.nanoTime();
            source.close();
            source.close();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            Awaitility.await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> assertThat(
                            capture.query("SELECT count(*) FROM pg_stat_activity WHERE datname ="
                                    + " current_database() AND pid <> pg_backend_pid()"))
                    .isEqualTo("0"));
            Awaitility.await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> assertThat(
                            Thread.getAllStackTraces().keySet().stream()
                                    .map(Thread::getName)
                                    .filter(name -> name.startsWith("sluice-")
                                            || name.startsWith("debezium-")
                                            || name.contains(capture.pipelineName)))
                    .isEmpty());
        }
    }

    @Test
    void eachServiceGetsItsTables() throws Exception {
        try (Capture capture = new Capture("services")) {
            capture.execute(ITEMS, "CREATE TABLE notes (id int PRIMARY KEY, body text)");
            PostgresSource source = capture.reading(
                            Map.of("orders", List.of("items"), "search", List.of("items", "notes")))
                    .start();
            Capture.awaitStreaming(source);
            capture.execute("INSERT INTO items VALUES (1, 'one', 1)", "INSERT INTO notes VALUES (1, 'a')");
            capture.awaitCaughtUp(source);

            assertThat(capture.changes("orders", "items")).hasSize(1);
            assertThat(capture.changes("search", "items")).hasSize(1);
            assertThat(capture.changes("search", "notes")).hasSize(1);
            assertThat(capture.query("SELECT count(*) FROM pg_publication")).isEqualTo("2");
        }
    }

    @Test
    void aChangedKeyIsADeleteAndAnUpsert() throws Exception {
        try (Capture capture = new Capture("rekey")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 'one', 1), (2, 'two', 2)");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute("BEGIN; UPDATE items SET id = -1 WHERE id = 1; UPDATE items SET id = 1 WHERE id = 2;"
                    + " UPDATE items SET id = 2 WHERE id = -1; COMMIT");
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("items");
            assertThat(changes.stream().filter(Change.Deleted.class::isInstance))
                    .hasSize(3);
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM items"));
        }
    }

    @Test
    void anUntouchedLargeValueIsUnchangedUnlessTheLogHoldsTheRowBefore() throws Exception {
        try (Capture capture = new Capture("toast")) {
            capture.execute(
                    "CREATE TABLE plain (id int PRIMARY KEY, body text, n int)",
                    "CREATE TABLE whole (id int PRIMARY KEY, body text, n int)",
                    "ALTER TABLE plain ALTER body SET STORAGE EXTERNAL",
                    "ALTER TABLE whole ALTER body SET STORAGE EXTERNAL",
                    "ALTER TABLE whole REPLICA IDENTITY FULL",
                    "INSERT INTO plain VALUES (1, repeat('x', 20000), 1)",
                    "INSERT INTO whole VALUES (1, repeat('x', 20000), 1)");
            PostgresSource source = capture.reading("plain", "whole").start();
            Capture.awaitStreaming(source);
            capture.execute("UPDATE plain SET n = 2", "UPDATE whole SET n = 2", "UPDATE whole SET id = 2");
            capture.awaitCaughtUp(source);

            List<Change> plain = capture.changes("plain");
            Change.Upserted last = (Change.Upserted) plain.get(plain.size() - 1);
            assertThat(last.after().value("body")).isEqualTo(Unchanged.UNCHANGED);
            assertThat(last.after().value("n")).isEqualTo(2);
            assertThat(Capture.lines(Capture.replayed(capture.changes("whole"))))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM whole"));
        }
    }

    @Test
    void aNewKeyWithAnUnknownValueHalts() throws Exception {
        try (Capture capture = new Capture("toastkey")) {
            capture.execute(
                    "CREATE TABLE plain (id int PRIMARY KEY, body text)",
                    "ALTER TABLE plain ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO plain VALUES (1, repeat('x', 20000))");
            PostgresSource source = capture.reading("plain").start();
            Capture.awaitStreaming(source);
            capture.execute("UPDATE plain SET id = 2");

            assertThat(Capture.awaitTableHalt(source, "plain").code()).isEqualTo("UNCHANGED_WITH_NEW_KEY");
            assertThat(capture.changes("plain")).hasSize(1);
        }
    }

    @Test
    void tablesWithoutAPrimaryKeyAreKnownByTheirReplicaIdentity() throws Exception {
        try (Capture capture = new Capture("identity")) {
            capture.execute(
                    "CREATE TABLE byindex (code text NOT NULL UNIQUE, n int)",
                    "ALTER TABLE byindex REPLICA IDENTITY USING INDEX byindex_code_key",
                    "CREATE TABLE byrow (a int, b text)",
                    "ALTER TABLE byrow REPLICA IDENTITY FULL",
                    "INSERT INTO byindex VALUES ('a', 1), ('b', 2)",
                    "INSERT INTO byrow VALUES (1, 'x'), (2, NULL)");
            PostgresSource source = capture.reading("byindex", "byrow").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "UPDATE byindex SET n = 3 WHERE code = 'a'",
                    "UPDATE byindex SET code = 'c' WHERE code = 'b'",
                    "UPDATE byrow SET b = 'y' WHERE a = 2",
                    "DELETE FROM byrow WHERE a = 1");
            capture.awaitCaughtUp(source);

            for (String table : List.of("byindex", "byrow")) {
                assertThat(Capture.lines(Capture.replayed(capture.changes(table))))
                        .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM " + table));
            }
        }
    }

    @Test
    void aTruncatedTableHaltsAloneAndTheOthersGoOn() throws Exception {
        try (Capture capture = new Capture("truncate")) {
            capture.execute(
                    ITEMS, "INSERT INTO items VALUES (1, 'one', 1)", "CREATE TABLE others (id int PRIMARY KEY)");
            PostgresSource source = capture.reading("items", "others").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "TRUNCATE items", "INSERT INTO items VALUES (2, 'two', 2)", "INSERT INTO others VALUES (1)");

            assertThat(Capture.awaitTableHalt(source, "items").code()).isEqualTo("TABLE_TRUNCATED");
            capture.awaitCaughtUp(source);
            assertThat(capture.changes("items")).hasSize(1);
            assertThat(capture.changes("others")).hasSize(1);
            source.close();
            PostgresSource second = capture.start();
            capture.execute("INSERT INTO items VALUES (3, 'three', 3)", "INSERT INTO others VALUES (2)");
            capture.awaitCaughtUp(second);
            assertThat(Capture.awaitTableHalt(second, "items").code()).isEqualTo("TABLE_TRUNCATED");
            assertThat(capture.changes("items")).hasSize(1);
            assertThat(capture.changes("others")).hasSize(2);
        }
    }

    @Test
    void columnsMayComeAndGoWhileTheLogIsRead() throws Exception {
        try (Capture capture = new Capture("ddl")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 'one', 1)");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "INSERT INTO items VALUES (2, 'two', 2)",
                    "ALTER TABLE items ADD COLUMN weight int",
                    "INSERT INTO items VALUES (3, 'three', 3, 30)",
                    "ALTER TABLE items DROP COLUMN name",
                    "UPDATE items SET weight = 10 WHERE id = 1");
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("items");
            assertThat(changes).hasSize(4);
            assertThat(Capture.lines(Capture.replayed(changes)))
                    .containsExactlyInAnyOrder("1|1.00|10", "2|two|2.00", "3|three|3.00|30");
        }
    }

    @Test
    void aRenamedTableHaltsInsteadOfFallingSilent() throws Exception {
        try (Capture capture = new Capture("rename")) {
            capture.execute(ITEMS);
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute("ALTER TABLE items RENAME TO goods", "INSERT INTO goods VALUES (1, 'one', 1)");

            assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause()).code())
                    .isIn("TABLE_REPLACED", "PUBLICATION_CHANGED");
        }
    }

    @Test
    void aTableThatLeftItsPublicationHalts() throws Exception {
        try (Capture capture = new Capture("publication")) {
            capture.execute(ITEMS);
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            String publication = capture.query("SELECT quote_ident(pubname) FROM pg_publication");
            capture.execute("ALTER PUBLICATION " + publication + " DROP TABLE items");

            assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause()).code())
                    .isEqualTo("PUBLICATION_CHANGED");
            source.close();
            PostgresSource again = capture.start();
            assertThat(Objects.requireNonNull(Capture.awaitHalt(again).cause()).code())
                    .isEqualTo("PUBLICATION_CHANGED");
        }
    }

    @Test
    void aSecondInstanceTakesOverAndTheFirstStops() throws Exception {
        try (Capture capture = new Capture("takeover")) {
            capture.execute(ITEMS);
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            PostgresSource second = capture.start();
            capture.execute("INSERT INTO items VALUES (1, 'one', 1)");
            capture.awaitCaughtUp(second);

            assertThat(Objects.requireNonNull(Capture.awaitHalt(first).cause()).code())
                    .isEqualTo("SOURCE_TAKEN_OVER");
            capture.execute("INSERT INTO items VALUES (2, 'two', 2)");
            capture.awaitCaughtUp(second);
            assertThat(capture.changes("items")).hasSize(2);
        }
    }

    @Test
    void anEndedReplicationSessionIsFollowedByAnother() throws Exception {
        try (Capture capture = new Capture("walsender")) {
            capture.execute(ITEMS);
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute(
                    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                            + " WHERE database = current_database()",
                    "INSERT INTO items VALUES (1, 'one', 1)");
            capture.awaitCaughtUp(source);

            assertThat(capture.changes("items")).hasSize(1);
        }
    }

    @Test
    void aTableThatJoinsLaterIsLoadedWithoutGapOrStep() throws Exception {
        try (Capture capture = new Capture("joins")) {
            capture.execute(
                    ITEMS, "CREATE TABLE late (id int PRIMARY KEY, n int)", "INSERT INTO late VALUES (1, 1), (2, 2)");
            PostgresSource first = capture.reading("items").start();
            Capture.awaitStreaming(first);
            capture.execute("INSERT INTO items VALUES (1, 'one', 1)", "UPDATE late SET n = 10 WHERE id = 1");
            capture.awaitCaughtUp(first);
            first.close();
            capture.execute("INSERT INTO items VALUES (2, 'two', 2)", "UPDATE late SET n = 20 WHERE id = 2");
            PostgresSource second = capture.reading("items", "late").start();
            Capture.awaitStreaming(second);
            capture.execute("UPDATE late SET n = n + 1", "INSERT INTO late VALUES (3, 3)");
            capture.awaitCaughtUp(second);

            assertThat(capture.changes("items")).hasSize(2);
            List<Change> late = capture.changes("late");
            assertThat(late).hasSize(2 + 3);
            assertThat(Capture.lines(Capture.replayed(late)))
                    .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM late"));
        }
    }

    @Test
    void everythingThatIsWrongIsFoundAtOnce() throws Exception {
        try (Capture capture = new Capture("findings")) {
            capture.execute(
                    "CREATE TABLE nokey (a int)",
                    "CREATE VIEW seen AS SELECT 1 AS a",
                    "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY)",
                    "CREATE TABLE silent (id int PRIMARY KEY)",
                    "ALTER TABLE silent REPLICA IDENTITY NOTHING",
                    "CREATE TABLE twins (a int)",
                    "ALTER TABLE twins REPLICA IDENTITY FULL");
            PostgresSource source = capture.reading("nokey", "seen", "unlogged", "silent", "gone", "twins")
                    .source();

            List<Finding> findings = source.check();

            assertThat(findings.stream()
                            .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                            .map(Finding::place))
                    .containsExactly(
                            "table shop.public.nokey",
                            "table shop.public.seen",
                            "table shop.public.unlogged",
                            "table shop.public.silent",
                            "table shop.public.gone");
            assertThat(findings.stream()
                            .filter(finding -> finding.severity() == Finding.Severity.WARNING)
                            .map(Finding::place))
                    .containsExactly("table shop.public.twins");
            source.start();
            assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause()).code())
                    .isEqualTo("SOURCE_UNFIT");
            assertThat(capture.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
        }
    }

    @Test
    void namesMayHoldAnything() throws Exception {
        try (Capture capture = new Capture("hostile")) {
            String name = "Odd \"na.me\"; --'\\";
            String quoted = "\"" + name.replace("\"", "\"\"") + "\"";
            capture.execute(
                    "CREATE TABLE " + quoted
                            + " (\"Id\" int PRIMARY KEY, \"id\" int, \"\"\"q\"\"\" text, \"sp ace\" text)",
                    "INSERT INTO " + quoted + " VALUES (1, 10, 'a', 'b')");
            PostgresSource source = capture.reading(name).start();
            Capture.awaitStreaming(source);
            capture.execute("INSERT INTO " + quoted + " VALUES (2, 20, 'c', 'd')");
            capture.awaitCaughtUp(source);

            assertThat(Capture.lines(Capture.replayed(capture.changes(name))))
                    .containsExactlyInAnyOrder("1|10|a|b", "2|20|c|d");
        }
    }

    @Test
    void aPartitionedTableIsOneTable() throws Exception {
        try (Capture capture = new Capture("partitioned")) {
            partitionsAreOneTable(capture);
        }
    }

    /** Every version of the server has its own way of publishing partitions. */
    static void partitionsAreOneTable(Capture capture) throws SQLException {
        capture.execute(
                "CREATE TABLE events (id int, part int, n int, PRIMARY KEY (id, part)) PARTITION BY LIST (part)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1)",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2)",
                "INSERT INTO events VALUES (1, 1, 1), (2, 2, 2)");
        PostgresSource source = capture.reading("events").start();
        Capture.awaitStreaming(source);
        capture.execute(
                "INSERT INTO events VALUES (3, 1, 3)",
                "UPDATE events SET part = 2 WHERE id = 1",
                "DELETE FROM events WHERE id = 2");
        capture.awaitCaughtUp(source);

        assertThat(Capture.lines(Capture.replayed(capture.changes("events"))))
                .containsExactlyInAnyOrderElementsOf(capture.lines("SELECT * FROM events"));
    }

    @Test
    void aColumnOfAnotherTypeFlowsOnIfReadersCanFollowAndHaltsIfNot() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("retyped", schemas)) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY, n int)", "INSERT INTO items VALUES (1, 1)");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            capture.execute("ALTER TABLE items ALTER n TYPE bigint", "INSERT INTO items VALUES (2, 5000000000)");
            capture.awaitCaughtUp(source);
            assertThat(capture.changes("items")).hasSize(2);
            capture.execute("ALTER TABLE items ALTER n TYPE uuid USING NULL", "INSERT INTO items VALUES (3, NULL)");

            assertThat(Capture.awaitTableHalt(source, "items").code()).isEqualTo("SCHEMA_INCOMPATIBLE");
            assertThat(capture.changes("items")).hasSize(2);
        }
    }
}
