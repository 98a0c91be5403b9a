package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code sluice.holders_N}, which says of each row of a target table which source tables have it. It moves with the rows,
 * in their transactions.
 *
 * <p>Invariant: whoever changes it, or a row because of it, holds {@link #share} to the end of the transaction, and whoever sweeps
 * holds {@link #seize}. So a statement that looks for other holders misses none that somebody is about to enter.
 *
 * @param keyColumns of the target, in the order of its unique index
 * @param types of these, without length or precision
 * @param sources the number of each source table, by its name
 */
public record HolderTable(
        int number, TargetTable table, List<String> keyColumns, List<String> types, Map<String, Integer> sources) {

    /** Sets our advisory locks apart from those of others; the number is arbitrary. */
    private static final int LOCKS = 0x736c_7568;

    public HolderTable {
        keyColumns = List.copyOf(keyColumns);
        types = List.copyOf(types);
        sources = Map.copyOf(sources);
    }

    public String name() {
        return nameOf(number);
    }

    static String nameOf(int number) {
        return "sluice.holders_" + number;
    }

    /** The number of a source table; null if it is none of this target's. */
    public @Nullable Integer source(String name) {
        return sources.get(name);
    }

    /** Keeps sweepers out until the transaction ends; other writers are welcome, for they never write the same key. */
    void share(Connection connection) throws SQLException {
        lock(connection, "SELECT pg_advisory_xact_lock_shared(?, ?)");
    }

    /** Waits for those who write such rows, and keeps others out until the transaction ends. */
    public void seize(Connection connection) throws SQLException {
        lock(connection, "SELECT pg_advisory_xact_lock(?, ?)");
    }

    private void lock(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, LOCKS);
            statement.setInt(2, number);
            statement.execute();
        }
    }

    /** That no source table has the row {@code t} of the target. */
    String nobodyHas() {
        return "NOT EXISTS (SELECT FROM " + name() + " AS h WHERE " + matches("h") + ")";
    }

    /** That the entry {@code h} of a source table is the only one of the row. */
    public String isOnly() {
        List<String> same = new ArrayList<>();
        KeyTable.names(keyColumns.size()).forEach(key -> same.add("o." + key + " = h." + key));
        return "NOT EXISTS (SELECT FROM " + name() + " AS o WHERE " + String.join(" AND ", same)
                + " AND o.source <> h.source)";
    }

    /** That this entry is of the row {@code t} of the target. */
    public String matches(String entry) {
        List<String> matches = new ArrayList<>();
        for (int i = 0; i < keyColumns.size(); i++) {
            matches.add(entry + ".k" + (i + 1) + " = t." + Identifiers.quoted(keyColumns.get(i)));
        }
        return String.join(" AND ", matches);
    }

    /** Deletes the rows that this source table alone has, and forgets all that it has; says how many. */
    int empty(Connection connection, int source) throws SQLException {
        int deleted;
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM " + Identifiers.qualified(table.schema(), table.table()) + " AS t USING " + name()
                        + " AS h WHERE h.source = ? AND " + matches("h") + " AND " + isOnly())) {
            delete.setInt(1, source);
            deleted = delete.executeUpdate();
        }
        try (PreparedStatement forget = connection.prepareStatement("DELETE FROM " + name() + " WHERE source = ?")) {
            forget.setInt(1, source);
            forget.executeUpdate();
        }
        return deleted;
    }
}
