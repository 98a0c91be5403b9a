package io.sluice.platform.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A column of whole numbers that a sequence gives: an identity, a serial, or one whose default takes from a sequence.
 *
 * @param sequence as SQL names it
 * @param ascending whether its numbers grow
 * @param bound the number that it does not go below, or above where they shrink
 * @param last the number that it gave last; empty where it gave none, or our user may not look
 */
public record ColumnSequence(String column, String sequence, boolean ascending, long bound, OptionalLong last) {

    private static final String OF_TABLE =
            """
            SELECT DISTINCT ON (a.attnum) a.attname, pg_catalog.format('%I.%I', sn.nspname, sc.relname), s.seqincrement > 0,
                   CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END,
                   CASE WHEN pg_catalog.has_sequence_privilege(sc.oid, 'SELECT, USAGE')
                        THEN pg_catalog.pg_sequence_last_value(sc.oid) END
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
            JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = d.classid AND d.refobjid = c.oid
                 AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
              OR d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
                 AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'
            JOIN pg_catalog.pg_class sc
              ON sc.oid = CASE d.classid WHEN 'pg_catalog.pg_class'::regclass THEN d.objid ELSE d.refobjid END
                 AND sc.relkind = 'S'
            JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace
            JOIN pg_catalog.pg_sequence s ON s.seqrelid = sc.oid
            WHERE n.nspname = ? AND c.relname = ?
              AND coalesce(nullif(t.typbasetype, 0), t.oid) IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            ORDER BY a.attnum, d.deptype
            """;

    /** Those of a table; none if there is no such table. */
    public static List<ColumnSequence> read(Connection connection, String schema, String table) throws SQLException {
        List<ColumnSequence> sequences = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(OF_TABLE)) {
            query.setString(1, schema);
            query.setString(2, table);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    long last = found.getLong(5);
                    sequences.add(new ColumnSequence(
                            found.getString(1),
                            found.getString(2),
                            found.getBoolean(3),
                            found.getLong(4),
                            found.wasNull() ? OptionalLong.empty() : OptionalLong.of(last)));
                }
            }
        }
        return sequences;
    }
}
