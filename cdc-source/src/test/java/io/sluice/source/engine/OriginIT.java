package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.localstack.testing.PostgresVersion;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.pipeline.SourceSpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Writes that another replication marked as its own. */
class OriginIT {

    @Test
    void transactionsThatCarryAnOriginAreLeftOutOfALocalSource() throws Exception {
        try (Capture capture = new Capture("originlocal")) {
            leavesOut(capture, SourceSpec.Origins.LOCAL, "mine", "back");
        }
    }

    @Test
    void everythingIsReadUnlessSaidOtherwise() throws Exception {
        try (Capture capture = new Capture("originall")) {
            leavesOut(capture, SourceSpec.Origins.ALL, "mine", "theirs", "others", "back");
        }
    }

    @Test
    void anOriginIsLeftOutByItsName() throws Exception {
        try (Capture capture = new Capture("originnamed")) {
            leavesOut(capture, SourceSpec.Origins.allBut(List.of(name(capture, "theirs"))), "mine", "others", "back");
        }
    }

    @Test
    void theOldestServerTellsOriginsToo() throws Exception {
        try (PostgresServer server = PostgresServer.start(PostgresVersion.OLDEST, Map.of())) {
            try (Capture capture = new Capture("oldlocal", new InMemorySchemaStore(), server)) {
                leavesOut(capture, SourceSpec.Origins.LOCAL, "mine", "back");
            }
            try (Capture capture = new Capture("oldnamed", new InMemorySchemaStore(), server)) {
                leavesOut(
                        capture, SourceSpec.Origins.allBut(List.of(name(capture, "theirs"))), "mine", "others", "back");
            }
        }
    }

    @Test
    void anOriginThatIsDroppedBeforeItsChangesAreReadIsStillNotLocal() throws Exception {
        for (PostgresVersion version : List.of(PostgresVersion.OLDEST, PostgresVersion.NEWEST)) {
            try (PostgresServer server = PostgresServer.start(version, Map.of());
                    Capture capture = new Capture("origindropped", new InMemorySchemaStore(), server)) {
                capture.execute("CREATE TABLE items (id serial PRIMARY KEY, name text)");
                PostgresSource source = capture.adjusting(Adjust.origins(SourceSpec.Origins.LOCAL))
                        .reading("items")
                        .start();
                Capture.awaitStreaming(source);
                source.close();
                writeAs(capture, "theirs");
                capture.execute("SELECT pg_replication_origin_drop('" + name(capture, "theirs") + "')");
                write(capture.sql, "mine");
                PostgresSource again = capture.start();
                capture.awaitCaughtUp(again);

                assertThat(names(capture)).containsExactly("mine");
            }
        }
    }

    private static void leavesOut(Capture capture, SourceSpec.Origins origins, String... kept) throws SQLException {
        capture.execute("CREATE TABLE items (id serial PRIMARY KEY, name text)");
        PostgresSource source =
                capture.adjusting(Adjust.origins(origins)).reading("items").start();
        Capture.awaitStreaming(source);
        write(capture.sql, "mine");
        writeAs(capture, "theirs");
        writeAs(capture, "others");
        write(capture.sql, "back");
        capture.awaitCaughtUp(source);
        try {
            assertThat(names(capture)).containsExactlyInAnyOrder(kept);
        } finally {
            for (String each : List.of("theirs", "others")) {
                capture.execute("SELECT pg_replication_origin_drop('" + name(capture, each) + "')");
            }
        }
    }

    /** Origins belong to the whole server, which other tests use too. */
    private static String name(Capture capture, String origin) {
        return capture.pipelineName + "-" + origin;
    }

    private static void writeAs(Capture capture, String origin) throws SQLException {
        String name = name(capture, origin);
        try (Connection connection = DriverManager.getConnection(capture.database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_replication_origin_create('" + name + "')");
            statement.execute("SELECT pg_replication_origin_session_setup('" + name + "')");
            write(connection, origin);
            statement.execute("SELECT pg_replication_origin_session_reset()");
        }
    }

    /** An insert, an update and a row that comes and goes, in one transaction. */
    private static void write(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN; INSERT INTO items (name) VALUES ('" + name
                    + "'); INSERT INTO items (name) VALUES ('gone'); DELETE FROM items WHERE name = 'gone'; COMMIT");
        }
    }

    private static List<String> names(Capture capture) {
        return capture.changes("items").stream()
                .filter(Change.Upserted.class::isInstance)
                .map(change -> String.valueOf(((Change.Upserted) change).after().value("name")))
                .filter(name -> !name.equals("gone"))
                .toList();
    }
}
