package io.sluice.platform.postgres;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads tables from the catalog. The connection has {@link SessionSettings}; an instance belongs to one thread.
 */
public final class PostgresCatalog {

    private static final String TABLE =
            """
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, c.reltuples::bigint,
                   pg_catalog.row_security_active(c.oid)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace""";

    private final Connection connection;
    private final PostgresTypes types;

    public PostgresCatalog(Connection connection) {
        this.connection = connection;
        this.types = new PostgresTypes(connection);
    }

    public PostgresTypes types() {
        return types;
    }

    /** The table of that name; empty if there is none. */
    public Optional<PostgresTable> read(String schema, String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(TABLE + " WHERE n.nspname = ? AND c.relname = ?")) {
            query.setString(1, schema);
            query.setString(2, table);
            return read(query);
        }
    }

    /** The table with that oid; empty if it is gone. */
    public Optional<PostgresTable> read(long oid) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(TABLE + " WHERE c.oid = ?::pg_catalog.oid")) {
            query.setLong(1, oid);
            return read(query);
        }
    }

    private Optional<PostgresTable> read(PreparedStatement query) throws SQLException {
        try (ResultSet found = query.executeQuery()) {
            if (!found.next()) {
                return Optional.empty();
            }
            long oid = found.getLong(1);
            String name = found.getString(3);
            ReplicaIdentity identity = ReplicaIdentity.of(found.getString(6));
            List<String> unsupported = new ArrayList<>();
            List<Column> columns = columns(oid, unsupported);
            List<String> key = key(oid, identity);
            if (!key.isEmpty()) {
                checkEquality(oid, identity, unsupported);
            }
            boolean wholeRow = key.isEmpty() && identity == ReplicaIdentity.FULL;
            if (wholeRow && hasDeferrableKey(oid)) {
                unsupported.add(
                        "its key is deferrable, so two rows may swap it, and the log does not say which one stays");
            }
            if (wholeRow) {
                columns.stream()
                        .filter(column -> column.type().mayBeWrittenDifferently())
                        .forEach(column -> unsupported.add(
                                "it has no key, so its whole row is one, and equal values of column " + column.name()
                                        + " of type " + column.declared() + " may be written differently"));
                key = columns.stream().map(Column::name).toList();
            }
            Set<String> names = new HashSet<>();
            columns.forEach(column -> names.add(column.name()));
            if (!names.containsAll(key)) {
                unsupported.add("its key has a generated column, which the log does not carry");
                key = List.of();
            }
            return Optional.of(new PostgresTable(
                    oid,
                    found.getString(2),
                    name,
                    kind(found.getString(4), found.getString(5)),
                    new RowSchema(name, columns, key),
                    identity,
                    wholeRow,
                    found.getLong(7),
                    found.getBoolean(8),
                    unsupported));
        }
    }

    private static PostgresTable.Kind kind(String relkind, String persistence) {
        if (!persistence.equals("p")) {
            return PostgresTable.Kind.OTHER;
        }
        return switch (relkind) {
            case "r" -> PostgresTable.Kind.TABLE;
            case "p" -> PostgresTable.Kind.PARTITIONED;
            default -> PostgresTable.Kind.OTHER;
        };
    }

    private List<Column> columns(long oid, List<String> unsupported) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT a.attname, a.atttypid::bigint, a.atttypmod, a.attndims, NOT a.attnotnull
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ?::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                ORDER BY a.attnum""")) {
            query.setLong(1, oid);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    PostgresTypes.Resolved type = types.resolve(found.getLong(2), found.getInt(3), found.getInt(4));
                    columns.add(new Column(found.getString(1), type.type(), type.declared(), found.getBoolean(5)));
                }
            }
        }
        if (columns.isEmpty()) {
            unsupported.add("it has no columns");
        }
        return columns;
    }

    /** The columns by which the log identifies a row, in the index's order; a deferrable index identifies nothing. */
    private List<String> key(long oid, ReplicaIdentity identity) throws SQLException {
        if (identity == ReplicaIdentity.NOTHING) {
            return List.of();
        }
        List<String> key = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT a.attname
                FROM pg_catalog.pg_index i
                CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE i.indrelid = ?::pg_catalog.oid AND i.indimmediate AND i.indisvalid AND k.place <= i.indnkeyatts
                  AND CASE WHEN ? THEN i.indisreplident ELSE i.indisprimary END
                ORDER BY k.place""")) {
            query.setLong(1, oid);
            query.setBoolean(2, identity == ReplicaIdentity.INDEX);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    key.add(found.getString(1));
                }
            }
        }
        return key;
    }

    /**
     * A key may change to an equal one that is written differently: 'a' to 'A' in a citext, '1 mon' to '30 days'. The log has that
     * as one row that goes and another that comes, and the target would hold them for the same and delete both. Decimals and
     * floating-point numbers are safe: keys hold their canonical form.
     */
    private void checkEquality(long oid, ReplicaIdentity identity, List<String> unsupported) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
                FROM pg_catalog.pg_index i
                CROSS JOIN LATERAL ROWS FROM (
                  pg_catalog.unnest(i.indkey), pg_catalog.unnest(i.indclass), pg_catalog.unnest(i.indcollation))
                  WITH ORDINALITY AS k(attnum, opclass, coll, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                JOIN pg_catalog.pg_opclass o ON o.oid = k.opclass
                LEFT JOIN pg_catalog.pg_collation c ON c.oid = k.coll
                LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_catalog.pg_opclass e ON e.opcintype = t.typelem AND e.opcmethod = o.opcmethod AND e.opcdefault
                WHERE i.indrelid = ?::pg_catalog.oid AND i.indimmediate AND i.indisvalid AND k.place <= i.indnkeyatts
                  AND CASE WHEN ? THEN i.indisreplident ELSE i.indisprimary END
                  AND (NOT coalesce(c.collisdeterministic, true)
                    -- Without a length its values are not padded, and yet compared as if they were.
                    OR o.opcintype = 'bpchar'::regtype AND a.atttypmod = -1 AND t.typtypmod = -1
                    OR o.opcintype NOT IN ('numeric'::regtype, 'float4'::regtype, 'float8'::regtype)
                      AND NOT EXISTS (
                        SELECT FROM pg_catalog.pg_amproc p
                        WHERE p.amprocnum = 4
                          AND p.amprocfamily = CASE WHEN o.opcintype = 'anyarray'::regtype AND t.typelem <> 0
                            THEN coalesce(e.opcfamily, o.opcfamily) ELSE o.opcfamily END))
                ORDER BY k.place""")) {
            query.setLong(1, oid);
            query.setBoolean(2, identity == ReplicaIdentity.INDEX);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    unsupported.add("its key column " + found.getString(1) + " of type " + found.getString(2)
                            + " holds values that are equal and yet not the same, so one row could pass for two");
                }
            }
        }
    }

    private boolean hasDeferrableKey(long oid) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT EXISTS (SELECT FROM pg_catalog.pg_index
                  WHERE indrelid = ?::pg_catalog.oid AND indisunique AND NOT indimmediate)""")) {
            query.setLong(1, oid);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }
}
