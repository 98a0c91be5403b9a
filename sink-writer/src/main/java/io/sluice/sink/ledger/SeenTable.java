package io.sluice.sink.ledger;

import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code sluice.seen_N} that holds, for each open load of one target table, the keys that came since the load began.
 *
 * <p>Its columns are {@code load} and {@code k1}, {@code k2}, … in the target's own types, so that a key is equal here whenever it
 * is equal there, by the same operator and collation: a text form of both sides would have to be proven for every type, and where
 * it failed a live row would be deleted. It is logged like any table: one that is empty after a crash would sweep everything.
 *
 * @param keyColumns of the target, in the order of its unique index
 * @param types of these, without length or precision
 */
public record SeenTable(int number, TargetTable table, List<String> keyColumns, List<String> types) {

    /** Sets our advisory locks apart from those of others; the number is arbitrary. */
    private static final int LOCKS = 0x736c_7563;

    private static final int SWEEPER_LOCKS = LOCKS + 1;

    // A type without modifier is not one whose modifier is left out: "character" is one character, "bpchar" any number.
    private static final String FIND =
            """
            SELECT s.number, s.key_columns, ARRAY(
                SELECT pg_catalog.format_type(a.atttypid, -1)
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = to_regclass('sluice.seen_' || s.number) AND a.attnum > 1 AND NOT a.attisdropped
                ORDER BY a.attnum)
            FROM sluice.seen s
            WHERE s.pipeline = ? AND s.service = ? AND s.target_schema = ? AND s.target_table = ?
            """;

    public SeenTable {
        keyColumns = List.copyOf(keyColumns);
        types = List.copyOf(types);
    }

    /** Empty if none was made for this target table. */
    public static Optional<SeenTable> find(Connection connection, String pipeline, String service, TargetTable table)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FIND)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, table.schema());
            query.setString(4, table.table());
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                List<String> columns = List.of((String[]) found.getArray(2).getArray());
                List<String> types = List.of((String[]) found.getArray(3).getArray());
                return types.size() == columns.size()
                        ? Optional.of(new SeenTable(found.getInt(1), table, columns, types))
                        : Optional.empty();
            }
        }
    }

    public String name() {
        return nameOf(number);
    }

    static String nameOf(int number) {
        return "sluice.seen_" + number;
    }

    /** Keeps sweepers out until the transaction ends; other writers are welcome. */
    void share(Connection connection) throws SQLException {
        lock(connection, "SELECT pg_advisory_xact_lock_shared(?, ?)", LOCKS);
    }

    /**
     * Waits for the writers that are at work on the table and keeps others out until the transaction ends. An advisory lock, and
     * not the row's, for its queue is fair: writers who share it can't keep a sweeper waiting for ever.
     */
    public void seize(Connection connection) throws SQLException {
        lock(connection, "SELECT pg_advisory_xact_lock(?, ?)", LOCKS);
    }

    /** Whether no other sweeper is at work on the table; then none will be until the transaction ends. */
    public boolean trySweep(Connection connection) throws SQLException {
        return lock(connection, "SELECT pg_try_advisory_xact_lock(?, ?)", SWEEPER_LOCKS);
    }

    private boolean lock(Connection connection, String sql, int locks) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, locks);
            statement.setInt(2, number);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && "t".equals(result.getString(1));
            }
        }
    }
}
