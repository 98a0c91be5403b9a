package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** What a table of somebody else's making does by itself, so that it would not hold what was written into it. */
public final class TargetHazards {

    private static final String TABLE =
            """
            SELECT c.relpersistence = 'u', pg_catalog.row_security_active(c.oid),
                   (SELECT string_agg(quote_ident(r.rulename), ', ' ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r
                    WHERE r.ev_class = c.oid AND r.ev_enabled IN ('O', 'A') AND r.ev_type IN ('2', '3', '4'))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    private static final String TRIGGERS =
            """
            SELECT t.tgname FROM pg_catalog.pg_trigger t
            JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND"""
                    + " " + TargetShape.MEDDLES + " ORDER BY t.tgname";

    // Of a partitioned table only its own: its partitions repeat them.
    private static final String PASSED_ON =
            """
            SELECT pn.nspname, p.relname, cn.nspname, c.relname, k.conname, k.confdeltype
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('c', 'n', 'd')
            ORDER BY 1, 2, 3, 4, 5
            """;

    private TargetHazards() {}

    /** Why no row may be written into this table as it is. */
    static List<Finding> unsuitable(Connection connection, TargetTable table) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(TABLE)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return findings;
                }
                if (found.getBoolean(1)) {
                    findings.add(Finding.error(
                            place(table),
                            "it is unlogged: a crash of its server empties it, and what was applied does not come again",
                            "Run: ALTER TABLE " + name(table) + " SET LOGGED"));
                }
                if (found.getBoolean(2)) {
                    findings.add(Finding.error(
                            place(table),
                            "its row security applies to the user that writes it, and hides rows from it",
                            "Give that user BYPASSRLS, or run: ALTER TABLE " + name(table)
                                    + " DISABLE ROW LEVEL SECURITY"));
                }
                String rules = found.getString(3);
                if (rules != null) {
                    findings.add(Finding.error(
                            place(table),
                            "rules do something else than what is written: " + rules,
                            "Drop each, or run until the cutover: ALTER TABLE " + name(table) + " DISABLE RULE …"));
                }
            }
        }
        return findings;
    }

    /** What a person should know before rows are written. */
    public static List<Finding> warnings(Connection connection, TargetTable table, RowSchema rows) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(TRIGGERS)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    String trigger = found.getString(1);
                    findings.add(Finding.warning(
                            place(table),
                            "its trigger " + trigger
                                    + " sees rows before they are written and may change them: they may differ from their source",
                            "If it is meant for the service's own writes, run until the cutover: ALTER TABLE "
                                    + name(table) + " DISABLE TRIGGER " + Identifiers.quoted(trigger)));
                }
            }
        }
        TargetShape.read(connection, table).ifPresent(shape -> findings.addAll(unwritten(shape, rows)));
        return findings;
    }

    private static List<Finding> unwritten(TargetShape shape, RowSchema rows) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Column column = rows.column(i);
            TargetColumn target = shape.columns().get(column.name());
            if (target == null || rows.isKey(i)) {
                continue;
            }
            String place = place(shape.table()) + " column " + column.name();
            if (target.generated()) {
                findings.add(Finding.warning(
                        place,
                        "the database computes it, so the values that rows bring for it are not written",
                        "Leave it out of the rows, or run: ALTER TABLE " + name(shape.table()) + " ALTER COLUMN "
                                + Identifiers.quoted(column.name()) + " DROP EXPRESSION"));
            } else if (target.identityAlways()) {
                findings.add(Finding.warning(
                        place,
                        "it is GENERATED ALWAYS AS IDENTITY: a row that is there keeps its number when its source changes it",
                        "Run: ALTER TABLE " + name(shape.table()) + " ALTER COLUMN " + Identifiers.quoted(column.name())
                                + " SET GENERATED BY DEFAULT"));
            }
        }
        return findings;
    }

    /**
     * Deletions that foreign keys pass on. Where tables are written side by side, a child may be here again before its parent's
     * deletion is, and would go with it.
     *
     * @param written the tables that are written, each on its own
     * @param deletedFrom those of them whose rows are deleted
     */
    public static List<Finding> passedOn(
            Connection connection, Collection<TargetTable> written, Set<TargetTable> deletedFrom) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(PASSED_ON);
                ResultSet found = query.executeQuery()) {
            while (found.next()) {
                TargetTable parent = new TargetTable(found.getString(1), found.getString(2));
                TargetTable child = new TargetTable(found.getString(3), found.getString(4));
                if (!deletedFrom.contains(parent)) {
                    continue;
                }
                String constraint = found.getString(5);
                findings.add(new Finding(
                        written.contains(child) ? Finding.Severity.ERROR : Finding.Severity.WARNING,
                        place(child),
                        "its foreign key " + constraint + " has ON DELETE " + action(found.getString(6))
                                + ": a deletion in " + parent + " would take along or change rows that "
                                + (written.contains(child)
                                        ? "came again before it, for tables are written side by side"
                                        : "this pipeline does not write"),
                        "Until the cutover, let it do nothing: ALTER TABLE " + name(child) + " DROP CONSTRAINT "
                                + Identifiers.quoted(constraint)
                                + ", and add it without ON DELETE"
                                + (written.contains(child)
                                        ? ". Or make the service `consistency: strong`, which deletes in the source's order."
                                        : ".")));
            }
        }
        return findings;
    }

    private static String action(String code) {
        return switch (code) {
            case "c" -> "CASCADE";
            case "n" -> "SET NULL";
            default -> "SET DEFAULT";
        };
    }

    private static String place(TargetTable table) {
        return "table " + table;
    }

    private static String name(TargetTable table) {
        return Identifiers.qualified(table.schema(), table.table());
    }
}
