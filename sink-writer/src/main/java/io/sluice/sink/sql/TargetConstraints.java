package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What tables of somebody else's making forbid beside their keys. Rows come in another order than they were written: in a service
 * that is not strong always, in a strong one while a table is read.
 */
public final class TargetConstraints {

    // Of a partitioned table only its own: its partitions repeat them.
    private static final String UNIQUE =
            """
            SELECT ic.relname, i.indisunique,
                   ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0 : i.indnkeyatts - 1]) AS k(attnum)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum),
                   k.conname
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
            WHERE n.nspname = ? AND c.relname = ? AND (i.indisunique OR i.indisexclusion)
            ORDER BY ic.relname
            """;

    private static final String FOREIGN =
            """
            SELECT k.conname, pn.nspname, p.relname
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND k.contype = 'f' AND k.conparentid = 0
            ORDER BY k.conname
            """;

    private final Connection connection;
    private final Map<TargetTable, RowSchema> written;
    private final boolean strong;

    /** @param written the tables that the service writes */
    public TargetConstraints(Connection connection, Map<TargetTable, RowSchema> written, boolean strong) {
        this.connection = connection;
        this.written = Map.copyOf(written);
        this.strong = strong;
    }

    /** What rows of these tables may meet. */
    public List<Finding> findings() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<TargetTable, RowSchema> each : written.entrySet()) {
            unique(each.getKey(), each.getValue(), findings);
            foreign(each.getKey(), findings);
        }
        return findings;
    }

    private void unique(TargetTable table, RowSchema rows, List<Finding> findings) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(UNIQUE)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    Set<String> columns = Set.copyOf(
                            Arrays.asList((String[]) found.getArray(3).getArray()));
                    // Not more rows than the key lets in: nothing that could collide elsewhere.
                    if (found.getBoolean(2) && columns.containsAll(rows.keyColumns())) {
                        continue;
                    }
                    String constraint = found.getString(4);
                    findings.add(finding(
                            table,
                            (found.getBoolean(2) ? "its unique index " : "its exclusion constraint ")
                                    + found.getString(1) + " is on other columns than its key",
                            "a row whose value another one is about to give up",
                            constraint == null
                                    ? "DROP INDEX " + Identifiers.qualified(table.schema(), found.getString(1))
                                    : drop(table, constraint)));
                }
            }
        }
    }

    private void foreign(TargetTable table, List<Finding> findings) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FOREIGN)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    TargetTable parent = new TargetTable(found.getString(2), found.getString(3));
                    String constraint = found.getString(1);
                    if (!written.containsKey(parent)) {
                        findings.add(Finding.warning(
                                "table " + table,
                                "its foreign key " + constraint + " refers to " + parent
                                        + ", which this service does not write: rows whose parent is not there are refused",
                                "Let the service write that table too, or run: " + drop(table, constraint)));
                    } else {
                        findings.add(finding(
                                table,
                                "its foreign key " + constraint + " refers to " + parent,
                                "a row that comes before its parent",
                                drop(table, constraint)));
                    }
                }
            }
        }
    }

    private Finding finding(TargetTable table, String what, String which, String drop) {
        return strong
                ? Finding.warning(
                        "table " + table,
                        what + ": while tables are read " + which + " halts the service",
                        "Add it once everything is loaded. Until then run: " + drop)
                : new Finding(
                        Finding.Severity.INFO,
                        "table " + table,
                        what + ": " + which + " waits in sluice.parked",
                        "Nothing need be done. Where very many would wait, run until the cutover: " + drop);
    }

    private static String drop(TargetTable table, String constraint) {
        return "ALTER TABLE " + Identifiers.qualified(table.schema(), table.table()) + " DROP CONSTRAINT "
                + Identifiers.quoted(constraint);
    }
}
