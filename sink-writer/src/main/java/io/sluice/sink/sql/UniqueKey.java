package io.sluice.sink.sql;

import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Columns whose values no two rows of a table may share. */
record UniqueKey(List<String> columns) {

    // Only what a comparison of its columns tells: no expression, no condition, no collation of its own, no equal
    // nulls. An error
    // names the partition's index.
    private static final String FIND =
            """
            SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                         WHERE k.place <= i.indnkeyatts ORDER BY k.place)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace
            CROSS JOIN pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE xn.nspname = ? AND x.relname = ? AND n.nspname = ? AND c.relname = ?
              AND (i.indrelid = c.oid OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors(i.indrelid)))
              AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
              AND to_jsonb(i) ->> 'indnullsnotdistinct' IS DISTINCT FROM 'true'
              AND NOT EXISTS (
                  SELECT FROM unnest(i.indcollation::oid[], i.indkey::int2[]) AS k(own, attnum)
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                  WHERE k.own <> a.attcollation)
            """;

    UniqueKey {
        columns = List.copyOf(columns);
    }

    /**
     * The columns of an index of the table, or of one of its partitions.
     *
     * @param schema of the index
     */
    static Optional<UniqueKey> find(Connection connection, TargetTable table, String schema, String index)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FIND)) {
            query.setString(1, schema);
            query.setString(2, index);
            query.setString(3, table.schema());
            query.setString(4, table.table());
            try (ResultSet found = query.executeQuery()) {
                return found.next()
                        ? Optional.of(new UniqueKey(
                                List.of((String[]) found.getArray(1).getArray())))
                        : Optional.empty();
            }
        }
    }

    /** Whether rows of this shape bring all of them. */
    boolean isIn(RowSchema schema) {
        return columns.stream().allMatch(column -> schema.indexOf(column) >= 0);
    }
}
