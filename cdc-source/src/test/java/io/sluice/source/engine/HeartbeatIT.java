package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.PostgresVersion;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.InMemorySchemaStore;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Captured tables idle, neighbours busy. */
class HeartbeatIT {

    private static final String NO_MESSAGES = "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc"
            + " WHERE proname = 'pg_logical_emit_message' LOOP"
            + " EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || f || ' FROM PUBLIC'; END LOOP; END $$";

    @Test
    void aMessageMovesTheSlotWhileOurTablesAreIdle() throws Exception {
        try (Capture capture = new Capture("idle")) {
            slotFollowsNeighbours(capture);
        }
    }

    @Test
    void aRowOfOurOwnTableMovesItWhereMessagesAreForbidden() throws Exception {
        try (Capture capture = new Capture("idlerow")) {
            slotFollowsNeighboursByRows(capture);
        }
    }

    @Test
    void bothWaysMoveItOnTheOldestServer() throws Exception {
        try (PostgresServer server = PostgresServer.start(PostgresVersion.OLDEST, Map.of())) {
            try (Capture capture = new Capture("oldidle", new InMemorySchemaStore(), server)) {
                slotFollowsNeighbours(capture);
            }
            try (Capture capture = new Capture("oldidlerow", new InMemorySchemaStore(), server)) {
                slotFollowsNeighboursByRows(capture);
            }
        }
    }

    @Test
    void theTableThatAnAdministratorMadeIsUsed() throws Exception {
        try (Capture capture = new Capture("givenrow")) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)", NO_MESSAGES);
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute("GRANT SELECT ON items TO " + role.quoted());
                PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .source();
                String publication = SourceNames.publication(capture.pipelineName, Capture.SOURCE, "orders");
                capture.execute(Publications.creation(publication, List.of(Capture.id("items"))));

                List<Finding> findings = errors(source);
                assertThat(findings).hasSize(1);
                String remedy = findings.get(0).remedy();
                assertThat(remedy)
                        .startsWith("GRANT EXECUTE ON FUNCTION pg_catalog.pg_logical_emit_message(boolean, text, text")
                        .contains("; or where that is unwanted: CREATE SCHEMA \"sluice_source\";");
                capture.execute(remedy.substring(remedy.indexOf("CREATE SCHEMA"))
                        .replaceAll(";$", "")
                        .split("; "));

                assertThat(errors(source)).isEmpty();
                source.start();
                followsNeighbours(capture, source);
                assertThat(capture.query("SELECT count(*) FROM sluice_source.heartbeat"))
                        .isEqualTo("1");
                source.close();
            }
        }
    }

    @Test
    void theGrantThatIsAskedForIsEnough() throws Exception {
        try (Capture capture = new Capture("granted")) {
            capture.execute("CREATE TABLE items (id int PRIMARY KEY)", NO_MESSAGES);
            try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
                capture.execute("GRANT SELECT ON items TO " + role.quoted());
                PostgresSource source = capture.adjusting(Adjust.url(role.url()))
                        .reading("items")
                        .source();
                String publication = SourceNames.publication(capture.pipelineName, Capture.SOURCE, "orders");
                capture.execute(Publications.creation(publication, List.of(Capture.id("items"))));
                String remedy = errors(source).get(0).remedy();
                capture.execute(remedy.substring(0, remedy.indexOf(';')));

                assertThat(errors(source)).isEmpty();
            }
        }
    }

    private static List<Finding> errors(PostgresSource source) {
        return source.check().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .toList();
    }

    private static void slotFollowsNeighbours(Capture capture) throws SQLException {
        capture.execute("CREATE TABLE items (id int PRIMARY KEY)");
        followsNeighbours(capture, capture.reading("items").start());
        assertThat(capture.query("SELECT to_regnamespace('sluice_source') IS NULL"))
                .isEqualTo("t");
    }

    private static void slotFollowsNeighboursByRows(Capture capture) throws SQLException {
        capture.execute("CREATE TABLE items (id int PRIMARY KEY)", NO_MESSAGES);
        try (Role role = Role.create(capture, "LOGIN REPLICATION")) {
            capture.execute(
                    "ALTER TABLE items OWNER TO " + role.quoted(),
                    "GRANT CREATE ON DATABASE " + capture.database.name() + " TO " + role.quoted());
            PostgresSource source =
                    capture.adjusting(Adjust.url(role.url())).reading("items").start();
            followsNeighbours(capture, source);
            assertThat(capture.query("SELECT count(*) FROM sluice_source.heartbeat"))
                    .isEqualTo("1");
            capture.execute("INSERT INTO items VALUES (1)");
            capture.awaitCaughtUp(source);
            assertThat(capture.changes("items")).hasSize(1);
            long mark = source.mark();
            Awaitility.await()
                    .atMost(Capture.PATIENCE)
                    .until(() -> source.progress().boundary() > mark);
            source.close();
        }
    }

    private static void followsNeighbours(Capture capture, PostgresSource source) throws SQLException {
        Capture.awaitStreaming(source);
        capture.execute("CREATE TABLE neighbour (id serial PRIMARY KEY, body text)");
        for (int round = 0; round < 2; round++) {
            capture.execute("INSERT INTO neighbour (body) SELECT repeat('x', 100) FROM generate_series(1, 1000)");
            String busy = capture.query("SELECT pg_current_wal_lsn()");
            Awaitility.await().atMost(Capture.PATIENCE).untilAsserted(() -> assertThat(
                            capture.query("SELECT confirmed_flush_lsn >= '" + busy
                                    + "'::pg_lsn FROM pg_replication_slots WHERE database = current_database()"))
                    .isEqualTo("t"));
        }
    }
}
