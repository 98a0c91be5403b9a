package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.InMemorySchemaStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What others may do to a slot. Each halts with the cause, the place, and the command that recovers. */
class SlotFaultIT {

    private static final String ITEMS = "CREATE TABLE items (id bigint PRIMARY KEY, name text)";
    private static final String OURS = " FROM pg_replication_slots WHERE database = current_database()";

    @Test
    void aSlotThatWasDroppedWhileWeWereAwayHalts() throws Exception {
        try (Capture capture = new Capture("slotlost")) {
            capture.stop(streaming(capture));
            capture.execute("SELECT pg_drop_replication_slot(slot_name)" + OURS);

            halts(capture, capture.start(), "SLOT_LOST", "the slot does not exist any more");
        }
    }

    @Test
    void aSlotThatIsDroppedUnderneathUsHalts() throws Exception {
        try (Capture capture = new Capture("slotgone")) {
            PostgresSource source = streaming(capture);
            endAndThen(capture, "pg_drop_replication_slot(slot_name)");

            halts(capture, source, "SLOT_LOST", "the slot does not exist any more");
        }
    }

    @Test
    void aSlotThatWasAdvancedWhileWeWereAwayHalts() throws Exception {
        try (Capture capture = new Capture("slotadvanced")) {
            capture.stop(streaming(capture));
            capture.execute("INSERT INTO items VALUES (1, 'missed')");
            capture.execute("SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn())" + OURS);

            halts(capture, capture.start(), "SLOT_ADVANCED", "the slot was advanced to ");
            assertThat(capture.changes("items")).isEmpty();
        }
    }

    @Test
    void aSlotThatSomebodyMadeAnewHalts() throws Exception {
        try (Capture capture = new Capture("slotmade")) {
            capture.stop(streaming(capture));
            String slot = capture.query("SELECT slot_name" + OURS);
            capture.execute(
                    "SELECT pg_drop_replication_slot('" + slot + "')",
                    "INSERT INTO items VALUES (1, 'missed')",
                    "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");

            halts(capture, capture.start(), "SLOT_ADVANCED", "the slot was advanced to ");
        }
    }

    @Test
    void aSlotOfAnotherPluginOrDatabaseHalts() throws Exception {
        try (Capture capture = new Capture("slotother");
                Capture other = new Capture("elsewhere")) {
            capture.stop(streaming(capture));
            String slot = capture.query("SELECT slot_name" + OURS);
            capture.execute("SELECT pg_drop_replication_slot('" + slot + "')");
            other.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");

            halts(capture, capture.start(), "SLOT_CHANGED", "made again by somebody else");
        }
    }

    @Test
    void aSlotThatNothingIsStoredOfHalts() throws Exception {
        try (Capture capture = new Capture("forgotten")) {
            capture.execute(ITEMS);
            capture.reading("items");
            capture.execute("SELECT pg_create_logical_replication_slot('"
                    + SourceNames.slot(capture.pipelineName, Capture.SOURCE) + "', 'pgoutput')");
            PostgresSource source = capture.start();

            assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause()).code())
                    .isEqualTo("OFFSET_LOST");
        }
    }

    @Test
    void aSlotThatHeldTooMuchLogWhileWeWereAwayHalts() throws Exception {
        try (PostgresServer server = PostgresServer.start(Map.of("max_slot_wal_keep_size", "32MB"));
                Capture capture = new Capture("slotwal", new InMemorySchemaStore(), server)) {
            capture.stop(streaming(capture));
            capture.execute("INSERT INTO items VALUES (1, 'missed')");
            fillLog(capture);

            halts(capture, capture.start(), "SLOT_INVALIDATED", "it held more log than max_slot_wal_keep_size allows");
            assertThat(capture.changes("items")).isEmpty();
        }
    }

    @Test
    void aSlotThatAnOpenTransactionHoldsBackTooFarHaltsWhileItStreams() throws Exception {
        try (PostgresServer server = PostgresServer.start(Map.of("max_slot_wal_keep_size", "32MB"));
                Capture capture = new Capture("slotheld", new InMemorySchemaStore(), server)) {
            PostgresSource source = streaming(capture);
            Awaitility.await()
                    .atMost(Capture.PATIENCE)
                    .until(() -> source.progress().timeToLoss() != null);
            try (Connection open = DriverManager.getConnection(capture.database.jdbcUrl());
                    Statement statement = open.createStatement()) {
                open.setAutoCommit(false);
                statement.execute("INSERT INTO items VALUES (1, 'never committed')");
                fillLog(capture);

                halts(capture, source, "SLOT_INVALIDATED", "it held more log than max_slot_wal_keep_size allows");
            }
        }
    }

    @Test
    void anotherClusterAtTheAddressHalts() throws Exception {
        try (PostgresServer server = PostgresServer.start(Map.of());
                Capture capture = new Capture("replaced")) {
            capture.stop(streaming(capture));
            String other = server.freshDatabase("restored").url();
            PostgresSource source =
                    capture.adjusting(Adjust.url(other)).reading("items").source();
            source.start();

            SluiceException cause =
                    Objects.requireNonNull(Capture.awaitHalt(source).cause());
            assertThat(cause.code()).isEqualTo("SOURCE_REPLACED");
            assertThat(cause.place()).startsWith("127.0.0.1:").contains("/restored");
            assertThat(cause.remedy()).contains("`sluice run FILE --new-epoch shop`");
        }
    }

    @Test
    void aPublicationThatIsDroppedUnderneathUsHaltsAndStaysHalted() throws Exception {
        try (Capture capture = new Capture("published")) {
            PostgresSource source = streaming(capture);
            capture.execute("DROP PUBLICATION " + publication(capture));

            publicationIsMissed(capture, source);
            capture.stop(source);
            publicationIsMissed(capture, capture.start());
        }
    }

    @Test
    void aPublicationThatWasDroppedWhileWeWereAwayHalts() throws Exception {
        try (Capture capture = new Capture("unpublished")) {
            capture.stop(streaming(capture));
            capture.execute("DROP PUBLICATION " + publication(capture), "INSERT INTO items VALUES (1, 'missed')");

            publicationIsMissed(capture, capture.start());
            assertThat(capture.changes("items")).isEmpty();
        }
    }

    @Test
    void aPublicationThatLeavesSomethingOutHalts() throws Exception {
        for (String change : new String[] {
            "SET (publish = 'insert')",
            "SET (publish_via_partition_root = false)",
            "SET TABLE ONLY items WHERE (id > 5)"
        }) {
            try (Capture capture = new Capture("partly")) {
                PostgresSource source = streaming(capture);
                capture.execute("ALTER PUBLICATION " + publication(capture) + " " + change);

                publicationIsMissed(capture, source);
            }
        }
    }

    private static PostgresSource streaming(Capture capture) throws SQLException {
        capture.execute(ITEMS);
        PostgresSource source = capture.reading("items").start();
        Capture.awaitStreaming(source);
        return source;
    }

    private static String publication(Capture capture) throws SQLException {
        return capture.query("SELECT quote_ident(pubname) FROM pg_publication");
    }

    /** Ends the stream, and is quicker with this than the session that follows. */
    private static void endAndThen(Capture capture, String call) {
        Awaitility.await()
                .atMost(Capture.PATIENCE)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    capture.execute("SELECT pg_terminate_backend(active_pid)" + OURS + " AND active");
                    capture.execute("SELECT " + call + OURS);
                    return true;
                });
    }

    /** More than a server that keeps 32 MB for slots keeps. */
    private static void fillLog(Capture capture) throws SQLException {
        capture.execute("CREATE TABLE filler (body text)");
        for (int segment = 0; segment < 5; segment++) {
            capture.execute("INSERT INTO filler VALUES (repeat('x', 1000))", "SELECT pg_switch_wal()");
        }
        capture.execute("CHECKPOINT");
    }

    private static void halts(Capture capture, PostgresSource source, String code, String problem) throws SQLException {
        SluiceException cause = Objects.requireNonNull(Capture.awaitHalt(source).cause());
        assertThat(cause.code()).isEqualTo(code);
        assertThat(cause.problem()).contains(problem).endsWith("so changes have been missed");
        assertThat(cause.place())
                .isEqualTo("slot " + SourceNames.slot(capture.pipelineName, Capture.SOURCE) + " at "
                        + capture.database.host() + ":" + capture.database.port() + "/" + capture.database.name());
        assertThat(cause.remedy()).contains("`sluice run FILE --new-epoch shop`");
    }

    private static void publicationIsMissed(Capture capture, PostgresSource source) {
        SluiceException cause = Objects.requireNonNull(Capture.awaitHalt(source).cause());
        assertThat(cause.code()).isEqualTo("PUBLICATION_CHANGED");
        assertThat(cause.place())
                .isEqualTo("publication " + SourceNames.publication(capture.pipelineName, Capture.SOURCE, "orders"));
        assertThat(cause.remedy()).contains("`sluice run FILE --new-epoch shop`");
    }
}
