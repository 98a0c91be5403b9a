package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.InMemorySchemaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/** A user who may do exactly what is asked for, and what a missing right is answered with. */
class LeastRightsIT {

    private static final String ITEMS = "CREATE TABLE items (id bigint PRIMARY KEY, name text)";

    @Test
    void anOwnerWhoMayReplicateAndCreateNeedsNoMore() throws Exception {
        try (Capture capture = new Capture("owner")) {
            capture.execute(
                    ITEMS,
                    "CREATE TABLE late (id int PRIMARY KEY)",
                    "INSERT INTO items VALUES (1, 'one')",
                    "INSERT INTO late VALUES (1)");
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute(
                        "ALTER TABLE items OWNER TO " + role.quoted(),
                        "ALTER TABLE late OWNER TO " + role.quoted(),
                        "GRANT CREATE ON DATABASE " + capture.database.name() + " TO " + role.quoted());
                capture.adjusting(Adjust.url(role.url()));

                readsFollowsAndRestarts(capture);
            }
        }
    }

    @Test
    void aMemberOfTheOwnerNeedsNoMoreEither() throws Exception {
        try (Capture capture = new Capture("member")) {
            capture.execute(
                    ITEMS,
                    "CREATE TABLE late (id int PRIMARY KEY)",
                    "INSERT INTO items VALUES (1, 'one')",
                    "INSERT INTO late VALUES (1)");
            try (Role owner = Role.create(capture, "NOLOGIN");
                    Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute(
                        "ALTER TABLE items OWNER TO " + owner.quoted(),
                        "ALTER TABLE late OWNER TO " + owner.quoted(),
                        "GRANT " + owner.quoted() + " TO " + role.quoted(),
                        "GRANT CREATE ON DATABASE " + capture.database.name() + " TO " + role.quoted());
                capture.adjusting(Adjust.url(role.url()));

                readsFollowsAndRestarts(capture);
            }
        }
    }

    /** The first load, the stream, a table that joins, a restart, and the end of a session that holds the slot. */
    private static void readsFollowsAndRestarts(Capture capture) throws Exception {
        PostgresSource first = capture.reading("items").start();
        Capture.awaitStreaming(first);
        assertThat(first.check())
                .filteredOn(finding -> finding.severity() == Finding.Severity.ERROR)
                .isEmpty();
        capture.execute("INSERT INTO items VALUES (2, 'two')");
        capture.awaitCaughtUp(first);
        first.close();

        PostgresSource second = capture.reading("items", "late").start();
        Capture.awaitStreaming(second);
        capture.execute("INSERT INTO late VALUES (2)");
        capture.awaitCaughtUp(second);

        PostgresSource third = capture.start();
        capture.execute("INSERT INTO items VALUES (3, 'three')");
        capture.awaitCaughtUp(third);
        third.close();
        assertThat(Objects.requireNonNull(Capture.awaitHalt(second).cause()).code())
                .isEqualTo("SOURCE_TAKEN_OVER");
        assertThat(Capture.lines(Capture.replayed(capture.changes("items"))))
                .containsExactlyInAnyOrder("1|one", "2|two", "3|three");
        assertThat(Capture.lines(Capture.replayed(capture.changes("late")))).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void aReaderIsEnoughWhereAnAdministratorMadeThePublication() throws Exception {
        try (Capture capture = new Capture("reader")) {
            capture.execute(ITEMS, "INSERT INTO items VALUES (1, 'one')");
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute(
                        "GRANT SELECT ON items TO " + role.quoted(),
                        Publications.creation(publication(capture), List.of(Capture.id("items"))));
                PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .start();
                Capture.awaitStreaming(source);
                capture.execute("INSERT INTO items VALUES (2, 'two')");
                capture.awaitCaughtUp(source);

                assertThat(capture.changes("items")).hasSize(2);
                source.close();
            }
        }
    }

    @Test
    void eachMissingRightIsAFindingWhoseRemedyMendsIt() throws Exception {
        try (Capture capture = new Capture("rights")) {
            capture.execute("CREATE SCHEMA hidden", "CREATE TABLE items (id bigint PRIMARY KEY, name text)");
            try (Role owner = Role.create(capture, "NOLOGIN");
                    Role role = Role.create(capture, "LOGIN")) {
                capture.execute(
                        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                        "ALTER TABLE items OWNER TO " + owner.quoted(),
                        "ALTER TABLE items ENABLE ROW LEVEL SECURITY");
                PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .source();

                List<Finding> findings = errors(source);
                assertThat(findings)
                        .extracting(Finding::problem)
                        .containsExactlyInAnyOrder(
                                "our user may not replicate",
                                "our user may not create a publication",
                                "our user may not use its schema",
                                "our user may not read it",
                                "our user does not own it, and only an owner may publish a table",
                                "row-level security hides rows from our user, so a first load would lack them");
                for (Finding finding : findings) {
                    capture.execute(finding.remedy().replaceFirst("; or .*", ""));
                    assertThat(errors(source)).extracting(Finding::problem).doesNotContain(finding.problem());
                }
                capture.execute("INSERT INTO items VALUES (1, 'one')");
                source.prepare();
                source.start();
                Capture.awaitStreaming(source);
                assertThat(capture.changes("items")).hasSize(1);
                source.close();
            }
        }
    }

    @Test
    void aMissingRightHaltsBeforeAnythingIsMade() throws Exception {
        try (Capture capture = new Capture("noright")) {
            capture.execute(ITEMS);
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .source();
                source.start();

                assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause())
                                .code())
                        .isEqualTo("SOURCE_UNFIT");
                assertThat(capture.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
                assertThat(capture.query(
                                "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"))
                        .isEqualTo("0");
                source.close();
            }
        }
    }

    @Test
    void anAdministratorsPublicationThatLacksSomethingIsAFindingWhoseRemedyMendsIt() throws Exception {
        for (String made : List.of(
                "CREATE PUBLICATION %s FOR TABLE ONLY other WITH (publish_via_partition_root = true)",
                "CREATE PUBLICATION %s FOR TABLE ONLY items, ONLY other",
                "CREATE PUBLICATION %s FOR TABLE ONLY items WHERE (id > 5) WITH (publish_via_partition_root = true)",
                "CREATE PUBLICATION %s FOR ALL TABLES WITH (publish_via_partition_root = true)")) {
            try (Capture capture = new Capture("lacking")) {
                capture.execute(ITEMS, "CREATE TABLE other (id int PRIMARY KEY)");
                try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                    capture.execute(
                            "GRANT SELECT ON items TO " + role.quoted(),
                            String.format(Locale.ROOT, made, publication(capture)));
                    PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                            .reading("items")
                            .source();

                    List<Finding> findings = errors(source);
                    assertThat(findings).as(made).hasSize(1);
                    assertThat(findings.get(0).place()).isEqualTo("publication " + publication(capture));
                    String remedy = findings.get(0).remedy();
                    capture.execute(remedy.replaceFirst("^Drop it.*?: ", ""));
                    assertThat(errors(source)).as(made).isEmpty();
                    source.close();
                }
            }
        }
    }

    @Test
    void aFrozenSessionOfOurOwnIsEndedWithoutMoreRights() throws Exception {
        try (Capture capture = new Capture("frozen")) {
            capture.execute(ITEMS);
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute(
                        "ALTER TABLE items OWNER TO " + role.quoted(),
                        "GRANT CREATE ON DATABASE " + capture.database.name() + " TO " + role.quoted());
                PostgresSource first = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .start();
                Capture.awaitStreaming(first);
                first.close();
                // Somebody who reads the slot and does not stop when another wants it.
                Properties properties = new Properties();
                PGProperty.USER.set(properties, role.name());
                PGProperty.PASSWORD.set(properties, role.password());
                PGProperty.REPLICATION.set(properties, "database");
                PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
                PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
                try (Connection holder = new Driver()
                        .connect(
                                "jdbc:postgresql://" + capture.database.host() + ":" + capture.database.port() + "/"
                                        + capture.database.name(),
                                properties)) {
                    holder.unwrap(PGConnection.class)
                            .getReplicationAPI()
                            .replicationStream()
                            .logical()
                            .withSlotName(SourceNames.slot(capture.pipelineName, Capture.SOURCE))
                            .withSlotOption("proto_version", 1)
                            .withSlotOption("publication_names", publication(capture))
                            .start();
                    PostgresSource second = capture.start();
                    capture.execute("INSERT INTO items VALUES (1, 'one')");
                    capture.awaitCaughtUp(second);

                    assertThat(capture.changes("items")).hasSize(1);
                    second.close();
                }
            }
        }
    }

    @Test
    void serverSettingsThatEndangerTheSlotAreFindings() throws Exception {
        try (PostgresServer server =
                        PostgresServer.start(Map.of("wal_sender_timeout", "0", "max_slot_wal_keep_size", "1GB"));
                Capture capture = new Capture("settings", new InMemorySchemaStore(), server)) {
            capture.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, body text)",
                    "ALTER TABLE items ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO items VALUES (1, repeat('x', 10000))",
                    "CREATE TABLE swapped (id int PRIMARY KEY DEFERRABLE)");
            PostgresSource source = capture.reading("items", "swapped").source();

            assertThat(source.check())
                    .extracting(finding -> finding.severity() + " " + finding.place() + " "
                            + finding.problem().split(",", -1)[0])
                    .containsExactlyInAnyOrder(
                            "INFO " + address(capture)
                                    + " the server gives our slot up when it holds more than 1GB of log"
                                    + " (max_slot_wal_keep_size)",
                            "WARNING " + address(capture) + " wal_sender_timeout is off",
                            "WARNING table shop.public.items it holds large values",
                            "ERROR table shop.public.swapped its primary key is deferrable");
        }
    }

    private static String address(Capture capture) {
        return capture.database.host() + ":" + capture.database.port() + "/" + capture.database.name();
    }

    private static String publication(Capture capture) {
        return SourceNames.publication(capture.pipelineName, Capture.SOURCE, "orders");
    }

    private static List<Finding> errors(PostgresSource source) throws SQLException {
        return source.check().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .toList();
    }
}
