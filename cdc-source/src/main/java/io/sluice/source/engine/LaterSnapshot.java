package io.sluice.source.engine;

import io.sluice.platform.postgres.SessionSettings;
import io.sluice.source.position.TableState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.postgresql.replication.LogSequenceNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A snapshot taken when the slot already exists, with what it takes to know which of the slot's events it has seen. */
final class LaterSnapshot implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LaterSnapshot.class);
    private static final long LOOK_MILLIS = 50;

    private final Connection connection;
    private final TableState.Filter filter;
    private final String exportedName;

    private LaterSnapshot(Connection connection, TableState.Filter filter, String exportedName) {
        this.connection = connection;
        this.filter = filter;
        this.exportedName = exportedName;
    }

    /**
     * Takes one, as soon as every transaction that is open now has ended: one that changed a table before it was published
     * is not in the log, and if it ended after the snapshot it would be nowhere.
     */
    static LaterSnapshot take(Connection connection, BooleanSupplier cancelled)
            throws SQLException, InterruptedException {
        SessionSettings.apply(connection);
        LOG.info(
                "Waiting for the transactions that are open now, before tables are read that are new or were cut short");
        long next = Sql.nextTransaction(connection);
        while (oldestOpen(connection) < next && !cancelled.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            String snapshot;
            String exported;
            try (ResultSet result = statement.executeQuery(
                    "SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_export_snapshot()")) {
                result.next();
                snapshot = result.getString(1);
                exported = result.getString(2);
            }
            // After the snapshot, and where is inserted, not where is written: a commit is visible before it is on
            // disk.
            try (ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_current_wal_insert_lsn()::text")) {
                result.next();
                long until = LogSequenceNumber.valueOf(result.getString(1)).asLong();
                return new LaterSnapshot(connection, new TableState.Filter(snapshot, until), exported);
            }
        }
    }

    private static long oldestOpen(Connection connection) throws SQLException {
        return Long.parseLong(Sql.text(
                connection, "SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text"));
    }

    TableState.Filter filter() {
        return filter;
    }

    String exportedName() {
        return exportedName;
    }

    @Override
    public void close() {
        Connections.abort(connection);
    }
}
