package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A target table as its database describes it.
 *
 * @param uniqueKeys the column sets that an upsert can be decided by
 * @param partitionedBy the columns that choose a row's partition; empty if it has none
 * @param meddled whether triggers see rows before they are written or deleted, and may keep that from being done
 */
record TargetShape(
        TargetTable table,
        Map<String, TargetColumn> columns,
        List<Set<String>> uniqueKeys,
        Set<String> partitionedBy,
        boolean meddled) {

    /** Of triggers {@code t}, those that get each row before it is written; TimescaleDB's own let rows pass as they are. */
    static final String MEDDLES =
            """
            t.tgtype & 3 = 3 AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
                WHERE f.oid = t.tgfoid AND fn.nspname IN ('_timescaledb_functions', '_timescaledb_internal'))""";

    private static final String FACTS =
            """
            SELECT ARRAY(SELECT a.attname::text FROM pg_catalog.pg_partitioned_table p
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs)
                         WHERE p.partrelid = ?),
                   EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ? AND"""
                    + " " + MEDDLES + ")";

    private static final String COLUMNS =
            """
            WITH RECURSIVE base AS (
                SELECT a.attnum, a.atttypid AS type
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL
                SELECT b.attnum, t.typbasetype
                FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
                WHERE t.typtype = 'd'
            )
            SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), n.nspname, t.typname,
                   coalesce(e.typdelim, ','), a.attgenerated <> '', a.attidentity = 'a',
                   NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
            FROM base b
            JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = ? AND a.attnum = b.attnum
            LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
            ORDER BY a.attnum
            """;

    // A deferrable, partial or not yet valid index can't decide an upsert, nor can one over expressions.
    private static final String UNIQUE_KEYS =
            """
            SELECT ARRAY(
                SELECT a.attname::text
                FROM unnest(i.indkey[0 : i.indnkeyatts - 1]) AS k(attnum)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = ? AND i.indisunique AND i.indimmediate AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL
            """;

    private static final String TABLE =
            """
            SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
            """;

    /** @throws IllegalArgumentException if there is no such column: that was to be found out before */
    TargetColumn column(String name) {
        TargetColumn column = columns.get(name);
        if (column == null) {
            throw new IllegalArgumentException(table + " has no column " + name);
        }
        return column;
    }

    /** The same, where these columns, by name, have their values from numbers that the target gives. */
    TargetShape numberedBy(Map<String, KeySpace> spaces) {
        Map<String, TargetColumn> numbered = new LinkedHashMap<>(columns);
        spaces.forEach((name, space) -> numbered.computeIfPresent(name, (same, column) -> column.numberedBy(space)));
        return new TargetShape(table, numbered, uniqueKeys, partitionedBy, meddled);
    }

    /** Empty if there is no such table. */
    static Optional<TargetShape> read(Connection connection, TargetTable table) throws SQLException {
        long oid;
        try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet found = statement.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                oid = found.getLong(1);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
            statement.setLong(1, oid);
            statement.setLong(2, oid);
            try (ResultSet facts = statement.executeQuery()) {
                facts.next();
                return Optional.of(new TargetShape(
                        table,
                        columns(connection, oid),
                        uniqueKeys(connection, oid),
                        Set.of((String[]) facts.getArray(1).getArray()),
                        facts.getBoolean(2)));
            }
        }
    }

    private static Map<String, TargetColumn> columns(Connection connection, long oid) throws SQLException {
        Map<String, TargetColumn> columns = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            statement.setLong(2, oid);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    TargetColumn column = new TargetColumn(
                            found.getString(1),
                            found.getString(2),
                            Identifiers.qualified(found.getString(3), found.getString(4)),
                            found.getString(5).charAt(0),
                            found.getBoolean(6),
                            found.getBoolean(7),
                            found.getBoolean(8),
                            null);
                    columns.put(column.name(), column);
                }
            }
        }
        return columns;
    }

    private static List<Set<String>> uniqueKeys(Connection connection, long oid) throws SQLException {
        List<Set<String>> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(UNIQUE_KEYS)) {
            statement.setLong(1, oid);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    keys.add(Set.of((String[]) found.getArray(1).getArray()));
                }
            }
        }
        return keys;
    }
}
