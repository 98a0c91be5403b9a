package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.SeenTransactions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.replication.LogSequenceNumber;

/**
 * Reads a range of keys of one table in a snapshot of its own, and says which transactions that snapshot has seen.
 *
 * <p>Used by one thread. Between two readings its connection holds nothing.
 */
public final class ChunkReader {

    private static final int LOCK_TIMEOUT_MILLIS = 200;

    private final Connection connection;

    /** @param connection for this reader alone, in the session settings that values are decoded with */
    public ChunkReader(Connection connection) {
        this.connection = connection;
    }

    /** What is told of a reading before its rows. */
    public interface Rows {

        /** Called once, before the first row, with the table as it is in this reading. */
        Consumer<Row> of(PostgresTable table);
    }

    /**
     * A range that was read.
     *
     * @param upTo its last key; null if the table is empty
     * @param last the table's last key when the first range was read; null if it was empty
     * @param bytes of the rows as the server sent them
     */
    public record Chunk(
            RowSchema row,
            @Nullable List<String> upTo,
            @Nullable List<String> last,
            SeenTransactions seen,
            String snapshot,
            long rows,
            long bytes) {}

    /**
     * What to read.
     *
     * @param after the last key that was read; null before the first range
     * @param last the table's last key when that range was read
     * @param rows how many at most
     */
    public record Wanted(@Nullable List<String> after, @Nullable List<String> last, int rows) {}

    /** Why nothing was read. */
    public enum NotNow {
        /** The snapshot does not see yet all that the caller has published already. */
        SNAPSHOT_TOO_EARLY,
        /** The table is gone. */
        TABLE_GONE
    }

    /** Either a chunk or why there is none. */
    public record Outcome(@Nullable Chunk chunk, @Nullable NotNow notNow) {}

    /**
     * Reads the next rows in the order of the key.
     *
     * @param wanted which
     * @param late whether this snapshot ({@code xmin:xmax:xip,…}) sees all that it must
     */
    public Outcome read(TableId table, Wanted wanted, Predicate<String> late, Rows out) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Outcome outcome = readInTransaction(table, wanted, late, out);
            connection.rollback();
            return outcome;
        } catch (SQLException | RuntimeException e) {
            rollBackAfter(e);
            throw e;
        }
    }

    private void rollBackAfter(Exception failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private Outcome readInTransaction(TableId id, Wanted wanted, Predicate<String> late, Rows out) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET LOCAL lock_timeout = " + LOCK_TIMEOUT_MILLIS);
            PostgresCatalog catalog = new PostgresCatalog(connection);
            // Locked before it is looked at, so that it is read as it was described; and before the snapshot, or a
            // change of
            // the table that ended in between would be described and not seen.
            statement.execute(
                    "LOCK TABLE ONLY " + Identifiers.qualified(id.schema(), id.table()) + " IN ACCESS SHARE MODE");
            String snapshot = text(statement, "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text");
            if (!late.test(snapshot)) {
                return new Outcome(null, NotNow.SNAPSHOT_TOO_EARLY);
            }
            // After the snapshot, and where is inserted, not where is written: a commit is visible before it is on
            // disk.
            long until = LogSequenceNumber.valueOf(
                            text(statement, "SELECT pg_catalog.pg_current_wal_insert_lsn()::pg_catalog.text"))
                    .asLong();
            Optional<PostgresTable> table = catalog.read(id.schema(), id.table());
            if (table.isEmpty()) {
                return new Outcome(null, NotNow.TABLE_GONE);
            }
            SeenTransactions seen = SeenTransactions.of(snapshot, until);
            // A row behind it came later than this snapshot, so it comes by the stream: a load must not run after a
            // table that
            // grows.
            List<String> last = wanted.last() != null ? wanted.last() : key(statement, KeyRange.last(table.get()));
            if (last == null) {
                out.of(table.get());
                return new Outcome(new Chunk(table.get().row(), null, null, seen, snapshot, 0, 0), null);
            }
            List<String> end = key(statement, new KeyRange(wanted.after(), last).end(table.get(), wanted.rows()));
            return copy(table.get(), wanted.after(), end == null ? last : end, last, seen, snapshot, out);
        }
    }

    private static @Nullable List<String> key(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            if (!result.next()) {
                return null;
            }
            List<String> key = new ArrayList<>();
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                key.add(result.getString(i));
            }
            return key;
        }
    }

    private Outcome copy(
            PostgresTable table,
            @Nullable List<String> after,
            List<String> upTo,
            List<String> last,
            SeenTransactions seen,
            String snapshot,
            Rows out)
            throws SQLException {
        Consumer<Row> to = out.of(table);
        RowTextDecoder decoder = new RowTextDecoder(table.row(), "table " + table.displayName());
        long rows = 0;
        long bytes = 0;
        CopyOut copy =
                connection.unwrap(PGConnection.class).getCopyAPI().copyOut(new KeyRange(after, upTo).copy(table));
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                to.accept(decoder.copyLine(line));
                rows++;
                bytes += line.length;
            }
        } catch (HaltException e) {
            Copies.drain(copy);
            throw e;
        }
        return new Outcome(new Chunk(table.row(), upTo, last, seen, snapshot, rows, bytes), null);
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getString(1);
        }
    }
}
