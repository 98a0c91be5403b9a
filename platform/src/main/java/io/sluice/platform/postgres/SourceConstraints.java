package io.sluice.platform.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a table has beside its columns and its key, as its catalog knows it; none of it travels in the log. */
public record SourceConstraints(List<SourceIndex> indexes, List<SourceForeignKey> foreignKeys) {

    public static final SourceConstraints NONE = new SourceConstraints(List.of(), List.of());

    // A part's suffix is what differs from the defaults of its column: collation, operators, order.
    private static final String INDEXES =
            """
            SELECT ic.relname, i.indisunique, am.amname,
                   EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = ic.oid AND k.contype IN ('u', 'x')),
                   ARRAY(SELECT pg_catalog.pg_get_indexdef(ic.oid, k.place::int, false)
                         FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k(place) ORDER BY k.place),
                   ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
                         LEFT JOIN pg_catalog.pg_attribute a
                           ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum <> 0 ORDER BY k.place),
                   ARRAY(SELECT CASE WHEN l.oid IS NOT NULL AND l.oid IS DISTINCT FROM a.attcollation
                                  THEN pg_catalog.format(' COLLATE %I.%I', ln.nspname, l.collname) ELSE '' END
                             || CASE WHEN o.opcdefault THEN ''
                                  ELSE pg_catalog.format(' %I.%I', opn.nspname, o.opcname) END
                             || CASE WHEN k.opt & 1 = 1 THEN ' DESC' ELSE '' END
                             || CASE WHEN k.opt = 1 THEN ' NULLS LAST' WHEN k.opt = 2 THEN ' NULLS FIRST' ELSE '' END
                         FROM ROWS FROM (pg_catalog.unnest(i.indclass), pg_catalog.unnest(i.indcollation),
                           pg_catalog.unnest(i.indoption), pg_catalog.unnest(i.indkey))
                           WITH ORDINALITY AS k(opclass, coll, opt, attnum, place)
                         JOIN pg_catalog.pg_opclass o ON o.oid = k.opclass
                         JOIN pg_catalog.pg_namespace opn ON opn.oid = o.opcnamespace
                         LEFT JOIN pg_catalog.pg_attribute a
                           ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
                         LEFT JOIN pg_catalog.pg_collation l ON l.oid = k.coll
                         LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                         WHERE k.place <= i.indnkeyatts ORDER BY k.place),
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid),
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey) OR EXISTS (
                           SELECT FROM pg_catalog.pg_depend d
                           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = ic.oid
                             AND d.refclassid = d.classid AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ic.relam
            WHERE i.indrelid = ?::pg_catalog.oid AND NOT i.indisprimary AND i.indisvalid
            ORDER BY ic.relname
            """;

    // Of a partitioned table only its own: its partitions repeat them.
    private static final String FOREIGN_KEYS =
            """
            SELECT k.conname, pn.nspname, p.relname,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.attnum ORDER BY c.place),
                   ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS c(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.attnum ORDER BY c.place),
                   CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END
                   || CASE k.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE'
                        WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' ELSE '' END
                   || CASE k.confdeltype WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE'
                        WHEN 'n' THEN ' ON DELETE SET NULL' WHEN 'd' THEN ' ON DELETE SET DEFAULT' ELSE '' END
                   || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
                   || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            WHERE k.conrelid = ?::pg_catalog.oid AND k.contype = 'f' AND k.conparentid = 0
            ORDER BY k.conname
            """;

    public SourceConstraints {
        indexes = List.copyOf(indexes);
        foreignKeys = List.copyOf(foreignKeys);
    }

    /** Those of the table with that oid; none if it is gone. */
    public static SourceConstraints read(Connection connection, long oid) throws SQLException {
        return new SourceConstraints(indexes(connection, oid), foreignKeys(connection, oid));
    }

    private static List<SourceIndex> indexes(Connection connection, long oid) throws SQLException {
        List<SourceIndex> indexes = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(INDEXES)) {
            query.setLong(1, oid);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    List<String> expressions = texts(found, 5);
                    List<String> columns = texts(found, 6);
                    List<String> suffixes = texts(found, 7);
                    List<SourceIndex.Part> parts = new ArrayList<>();
                    for (int i = 0; i < expressions.size(); i++) {
                        parts.add(new SourceIndex.Part(
                                expressions.get(i), Optional.ofNullable(columns.get(i)), suffixes.get(i)));
                    }
                    Set<String> uses = new HashSet<>(texts(found, 9));
                    indexes.add(new SourceIndex(
                            found.getString(1),
                            found.getBoolean(2),
                            found.getBoolean(4),
                            found.getString(3),
                            parts,
                            columns.subList(parts.size(), columns.size()),
                            Optional.ofNullable(found.getString(8)),
                            uses));
                }
            }
        }
        return indexes;
    }

    private static List<SourceForeignKey> foreignKeys(Connection connection, long oid) throws SQLException {
        List<SourceForeignKey> keys = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(FOREIGN_KEYS)) {
            query.setLong(1, oid);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    keys.add(new SourceForeignKey(
                            found.getString(1),
                            texts(found, 4),
                            found.getString(2),
                            found.getString(3),
                            texts(found, 5),
                            found.getString(6)));
                }
            }
        }
        return keys;
    }

    private static List<String> texts(ResultSet found, int column) throws SQLException {
        return Arrays.asList((String[]) found.getArray(column).getArray());
    }
}
