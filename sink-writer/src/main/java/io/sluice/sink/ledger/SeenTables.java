package io.sluice.sink.ledger;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.sql.Preparation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes the tables that hold the keys of loads, one for each target table that is swept, before there is a load. */
public final class SeenTables {

    // Those that an upsert can be decided by, as they are found for the target; the primary key first.
    private static final String KEY_COLUMNS =
            """
            SELECT ARRAY(
                SELECT a.attname::text
                FROM unnest(i.indkey[0 : i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                ORDER BY k.place)
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indimmediate AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL
            ORDER BY i.indisprimary DESC, i.indexrelid
            """;

    private static final String COLUMNS =
            """
            SELECT coalesce(string_agg(format_type(a.atttypid, a.atttypmod) || ' ' || a.attcollation, ', '
                   ORDER BY u.place), '')
            FROM unnest(?::text[]) WITH ORDINALITY AS u(name, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = to_regclass(?) AND a.attname = u.name AND NOT a.attisdropped
            """;

    private final String pipeline;
    private final String service;

    public SeenTables(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /**
     * Makes the table for the keys of this target table, unless there is one that suits it; commits.
     *
     * @param key the target's key columns, which a unique index of it is on
     * @return what went wrong in the past and can't be helped here
     */
    public List<Finding> prepare(Connection connection, TargetTable table, List<String> key) throws SQLException {
        return Preparation.alone(connection, () -> prepareLocked(connection, table, key));
    }

    /** Whether this target table was met before. */
    public boolean isKnown(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT FROM sluice.seen WHERE pipeline = ? "
                + "AND service = ? AND target_schema = ? AND target_table = ?")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, table.schema());
            query.setString(4, table.table());
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    private List<Finding> prepareLocked(Connection connection, TargetTable table, List<String> key)
            throws SQLException {
        String target = Identifiers.qualified(table.schema(), table.table());
        List<String> columns = keyColumns(connection, target, key);
        int number = register(connection, table, columns);
        String seen = SeenTable.nameOf(number);
        List<String> names =
                IntStream.rangeClosed(1, columns.size()).mapToObj(i -> "k" + i).toList();
        String wanted = describe(connection, target, columns);
        if (describe(connection, seen, names).equals(wanted)) {
            return List.of();
        }
        List<Finding> findings = giveUpLoads(connection, number, table);
        String quoted = columns.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + seen);
            // A query's columns take over types with their modifiers, and collations; nothing else.
            statement.execute("CREATE TABLE " + seen + " (load, " + String.join(", ", names) + ") AS SELECT 0::bigint, "
                    + quoted + " FROM " + target + " WITH NO DATA");
            statement.execute("ALTER TABLE " + seen + " ADD UNIQUE (load, " + String.join(", ", names) + ")");
            statement.execute("COMMENT ON TABLE " + seen + " IS "
                    + Identifiers.literal(
                            "The keys that open loads of " + target + " have seen; empty where none is open."));
        }
        return findings;
    }

    private static List<String> keyColumns(Connection connection, String target, List<String> key) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(KEY_COLUMNS)) {
            query.setString(1, target);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    List<String> columns = List.of((String[]) found.getArray(1).getArray());
                    if (columns.size() == key.size() && columns.containsAll(key)) {
                        return columns;
                    }
                }
            }
        }
        return key;
    }

    private int register(Connection connection, TargetTable table, List<String> columns) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.seen (pipeline, service, target_schema, target_table, key_columns) "
                        + "VALUES (?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, target_schema, target_table) "
                        + "DO UPDATE SET key_columns = EXCLUDED.key_columns RETURNING number")) {
            insert.setString(1, pipeline);
            insert.setString(2, service);
            insert.setString(3, table.schema());
            insert.setString(4, table.table());
            insert.setArray(5, connection.createArrayOf("text", columns.toArray()));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static String describe(Connection connection, String table, List<String> columns) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setArray(1, connection.createArrayOf("text", columns.toArray()));
            query.setString(2, table);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** The keys that they saw are not there, or of another shape: to sweep by what is left would delete live rows. */
    private static List<Finding> giveUpLoads(Connection connection, int number, TargetTable table) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.load SET state = 'done', superseded = true, done_at = now() "
                        + "WHERE seen = ? AND state <> 'done' RETURNING load")) {
            update.setInt(1, number);
            try (ResultSet given = update.executeQuery()) {
                while (given.next()) {
                    findings.add(Finding.warning(
                            "table " + table,
                            "its key changed while load " + given.getString(1)
                                    + " was under way, so rows which that load did not see are not removed",
                            "Load the table again."));
                }
            }
        }
        return findings;
    }
}
