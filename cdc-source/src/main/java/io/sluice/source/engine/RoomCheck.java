package io.sluice.source.engine;

import io.sluice.platform.preflight.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds whether there is room for a slot that is not there yet, and how long the server would keep log for it. */
final class RoomCheck {

    private static final Duration SHORT = Duration.ofHours(1);
    /** Too few seconds tell nothing of a server's ways. */
    private static final long LEAST_SECONDS = 3600;

    private static final int WAL_STATISTICS = 14;

    private final SourceContext context;
    private final Connection connection;
    private final String place;
    private final List<Finding> findings = new ArrayList<>();

    RoomCheck(SourceContext context, Connection connection) {
        this.context = context;
        this.connection = connection;
        this.place = context.connector().address();
    }

    List<Finding> run() throws SQLException {
        if (context.slot().read(connection).isPresent()) {
            return findings;
        }
        if (!Sql.isTrue(
                connection,
                "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots)"
                        + " < pg_catalog.current_setting('max_replication_slots')::int")) {
            error(
                    "every replication slot is taken (max_replication_slots = "
                            + Sql.setting(connection, "max_replication_slots") + ")",
                    "Drop a slot that nobody uses, or raise max_replication_slots and restart the server.");
        }
        if (!Sql.isTrue(
                connection,
                "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication)"
                        + " < pg_catalog.current_setting('max_wal_senders')::int")) {
            error(
                    "every replication connection is taken (max_wal_senders = "
                            + Sql.setting(connection, "max_wal_senders") + ")",
                    "Raise max_wal_senders and restart the server.");
        }
        prepared();
        headroom();
        return findings;
    }

    private void prepared() throws SQLException {
        if (Sql.isTrue(connection, "SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts)")) {
            findings.add(Finding.warning(
                    place,
                    "a prepared transaction is open, and a new slot waits for its end",
                    "COMMIT PREPARED or ROLLBACK PREPARED what pg_prepared_xacts shows."));
        }
    }

    private void headroom() throws SQLException {
        String keeps = Sql.setting(connection, "max_slot_wal_keep_size");
        if (keeps.equals("-1")) {
            info(
                    "the server keeps log for our slot without a limit while we are away",
                    "Watch its disk" + pace()
                            + ", or set max_slot_wal_keep_size: beyond it the slot is lost and tables are read again.");
            return;
        }
        Duration lasts = lasts();
        String problem = "the server gives our slot up when it holds more than " + keeps + " of log"
                + " (max_slot_wal_keep_size)";
        String remedy = "Make that enough for the longest time that the pipeline may be away" + pace()
                + ": beyond it tables are read again.";
        if (lasts.compareTo(SHORT) < 0) {
            findings.add(Finding.warning(
                    place, problem + ", which at the pace of late is in " + lasts.toMinutes() + " minutes", remedy));
        } else {
            info(problem, remedy);
        }
    }

    /** How fast the log grew of late, in words for the middle of a sentence. */
    private String pace() throws SQLException {
        double perSecond = bytesPerSecond();
        return perSecond <= 0
                ? ""
                : " (of late its log grew by about " + Math.max(1, Math.round(perSecond * 3600 / (1 << 20)))
                        + " MB an hour)";
    }

    private Duration lasts() throws SQLException {
        double perSecond = bytesPerSecond();
        double most = Double.parseDouble(Sql.text(
                connection, "SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size'))"));
        return perSecond <= 0 ? Duration.ofDays(365) : Duration.ofSeconds((long) Math.min(1e9, most / perSecond));
    }

    /** On an average since the server's statistics begin; 0 where it is not known. */
    private double bytesPerSecond() throws SQLException {
        if (connection.getMetaData().getDatabaseMajorVersion() < WAL_STATISTICS) {
            return 0;
        }
        try (PreparedStatement query = connection.prepareStatement("SELECT wal_bytes::double precision / seconds"
                + " FROM (SELECT wal_bytes, extract(epoch FROM pg_catalog.now() - stats_reset) AS seconds"
                + " FROM pg_catalog.pg_stat_wal) AS s WHERE seconds >= ?")) {
            query.setLong(1, LEAST_SECONDS);
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? found.getDouble(1) : 0;
            }
        }
    }

    private void error(String problem, String remedy) {
        findings.add(Finding.error(place, problem, remedy));
    }

    private void info(String problem, String remedy) {
        findings.add(new Finding(Finding.Severity.INFO, place, problem, remedy));
    }
}
