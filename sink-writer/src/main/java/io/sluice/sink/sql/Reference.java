package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A foreign key to another table.
 *
 * @param parent quoted
 * @param columns of the child, in the order of those that they refer to
 */
record Reference(String constraint, String parent, List<String> columns, List<String> parentColumns) {

    // A key of a partitioned table is listed again for its partitions.
    private static final String FIND =
            """
            SELECT pn.nspname, p.relname,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum ORDER BY u.place),
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum ORDER BY u.place)
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND k.conparentid = 0
              AND cn.nspname = ? AND c.relname = ? AND k.conname = ?
            """;

    static Optional<Reference> find(Connection connection, TargetTable table, String constraint) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FIND)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            query.setString(3, constraint);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Reference(
                        constraint,
                        Identifiers.qualified(found.getString(1), found.getString(2)),
                        List.of((String[]) found.getArray(3).getArray()),
                        List.of((String[]) found.getArray(4).getArray())));
            }
        }
    }

    /** Whether rows of this shape bring all that they refer by. */
    boolean isIn(RowSchema schema) {
        return columns.stream().allMatch(column -> schema.indexOf(column) >= 0);
    }
}
