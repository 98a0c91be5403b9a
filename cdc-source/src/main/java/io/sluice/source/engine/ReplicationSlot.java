package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresConnector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The slot of one source: makes it, drops it, and says whether it still holds what we have not read. */
final class ReplicationSlot {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlot.class);

    private static final int OPTIONS_IN_PARENTHESES = 150_000;
    private static final int FAILOVER_AND_REASONS = 170_000;
    /** How a server refuses an option that it does not know, or does not want. */
    private static final Set<String> REFUSALS = Set.of("42601", "22023", "0A000");

    private final String name;
    private final String source;
    private final PostgresConnector connector;

    ReplicationSlot(String name, String source, PostgresConnector connector) {
        this.name = name;
        this.source = source;
        this.connector = connector;
    }

    /**
     * A slot as the server has it.
     *
     * @param invalidation why the server gave it up, where it did and says so
     * @param confirmed up to where it will never send again
     * @param activePid the process that streams it; null if none does
     */
    record State(
            String plugin,
            @Nullable String database,
            @Nullable String walStatus,
            @Nullable String invalidation,
            long confirmed,
            @Nullable Integer activePid) {

        /** Whether the next checkpoint may take away log that it still needs. */
        boolean isEndangered() {
            return "unreserved".equals(walStatus);
        }
    }

    /** A new slot; the snapshot lives as long as the connection that made it does nothing else. */
    record Made(long consistentPoint, String snapshot) {}

    Optional<State> read(Connection connection) throws SQLException {
        boolean saysWhy = connection.getMetaData().getDatabaseMajorVersion() >= FAILOVER_AND_REASONS / 10_000;
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT plugin, database, wal_status, confirmed_flush_lsn::pg_catalog.text, active_pid, "
                        + (saysWhy ? "invalidation_reason" : "NULL")
                        + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
            query.setString(1, name);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                String confirmed = found.getString(4);
                int pid = found.getInt(5);
                Integer activePid = found.wasNull() ? null : (Integer) pid;
                return Optional.of(new State(
                        String.valueOf(found.getString(1)),
                        found.getString(2),
                        found.getString(3),
                        found.getString(6),
                        confirmed == null
                                ? 0
                                : LogSequenceNumber.valueOf(confirmed).asLong(),
                        activePid));
            }
        }
    }

    /** Makes it, and where the server can have it so, such that its standbys keep it too. */
    Made create(Connection replication, int serverVersion) throws SQLException {
        if (serverVersion >= FAILOVER_AND_REASONS) {
            try {
                return create(replication, "(SNAPSHOT 'export', FAILOVER)");
            } catch (SQLException e) {
                if (!REFUSALS.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                LOG.warn(
                        "Slot {} will not outlive a failover: the server refuses that (SQLSTATE {})",
                        name,
                        e.getSQLState());
            }
        }
        return create(replication, serverVersion >= OPTIONS_IN_PARENTHESES ? "(SNAPSHOT 'export')" : "EXPORT_SNAPSHOT");
    }

    private Made create(Connection replication, String options) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet made = statement.executeQuery(
                        "CREATE_REPLICATION_SLOT " + Identifiers.quoted(name) + " LOGICAL pgoutput " + options)) {
            made.next();
            return new Made(
                    LogSequenceNumber.valueOf(made.getString("consistent_point"))
                            .asLong(),
                    made.getString("snapshot_name"));
        }
    }

    void drop(Connection connection) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement("SELECT pg_catalog.pg_drop_replication_slot(?)")) {
            call.setString(1, name);
            call.execute();
        }
    }

    /**
     * Ends the session that streams our slot. Its instance has been fenced, so nothing it reads can be published; and a frozen
     * one would hold the slot for ever.
     */
    void release(Connection connection, int pid) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(
                "SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots"
                        + " WHERE slot_name = ? AND active_pid = ?")) {
            call.setString(1, name);
            call.setInt(2, pid);
            call.execute();
        }
    }

    /**
     * Checks that the slot can serve everything after that boundary.
     *
     * @throws HaltException if it can't: changes would be skipped in silence
     */
    State check(Optional<State> found, long stored) {
        State state = found.orElseThrow(() -> lost("SLOT_LOST", "the slot does not exist any more"));
        if (!state.plugin().equals("pgoutput") || !connector.database().equals(state.database())) {
            throw lost("SLOT_CHANGED", "the slot was made again by somebody else, for another plugin or database");
        }
        if ("lost".equals(state.walStatus())) {
            throw lost("SLOT_INVALIDATED", "the server has given up the slot: " + cause(state.invalidation()));
        }
        if (Long.compareUnsigned(state.confirmed(), stored) > 0) {
            throw lost(
                    "SLOT_ADVANCED",
                    "the slot was advanced to "
                            + LogSequenceNumber.valueOf(state.confirmed()).asString()
                            + ", past " + LogSequenceNumber.valueOf(stored).asString()
                            + " up to where everything is stored");
        }
        return state;
    }

    private static String cause(@Nullable String invalidation) {
        if (invalidation == null) {
            return "log that it still needed is gone (max_slot_wal_keep_size, or another cause that the server's own log"
                    + " names)";
        }
        return switch (invalidation) {
            case "wal_removed" -> "it held more log than max_slot_wal_keep_size allows";
            case "rows_removed" -> "rows of the catalog that it still needed are gone";
            case "wal_level_insufficient" -> "wal_level was lowered";
            case "idle_timeout" -> "nobody read it for longer than idle_replication_slot_timeout";
            default -> invalidation;
        };
    }

    private HaltException lost(String code, String problem) {
        return new HaltException(
                code,
                problem + ", so changes have been missed",
                "slot " + name + " at " + connector.address(),
                "Start a new epoch with `sluice run FILE --new-epoch " + source + "`: every table is read again.");
    }
}
