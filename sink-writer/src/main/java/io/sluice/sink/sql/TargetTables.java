package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.WiderType;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Latest;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes target tables that are missing, and finds out whether those that exist suit their rows. Never drops or alters;
 * {@link TableGrowth} does the latter.
 */
public final class TargetTables {

    private TargetTables() {}

    /**
     * Creates the table, and its schema, if there is none; commits.
     *
     * @param connection in any state but inside a transaction
     * @return what remains to be done by hand; empty if the table suits its rows
     */
    public static List<Finding> prepare(Connection connection, TargetTable table, RowSchema rows, WriteRules rules)
            throws SQLException {
        return Preparation.alone(connection, () -> {
            if (TargetShape.read(connection, table).isPresent()) {
                return missing(connection, table, rows, rules);
            }
            List<Finding> findings = uncreatable(connection, table, rows);
            findings.addAll(unsuitedRules(table, rows, rules));
            if (findings.isEmpty()) {
                create(connection, table, rows, rules);
            }
            return findings;
        });
    }

    public static boolean isMissing(Connection connection, TargetTable table) throws SQLException {
        return TargetShape.read(connection, table).isEmpty();
    }

    /** A table that once had rows and must not be made anew without a word: what was applied is not sent again. */
    public static Finding gone(TargetTable table, RowSchema rows, WriteRules rules) {
        return Finding.error(
                place(table),
                "it is gone, and the rows that were written into it would not come again by themselves",
                "Bring it back with its rows. Or create it empty, run the pipeline, and have its source tables read again "
                        + "with `sluice backfill`: " + ddl(table, rows, rules));
    }

    private static void create(Connection connection, TargetTable table, RowSchema rows, WriteRules rules)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!schemaExists(connection, table.schema())) {
                statement.execute("CREATE SCHEMA IF NOT EXISTS " + Identifiers.quoted(table.schema()));
            }
            statement.execute(ddl(table, rows, rules));
        }
    }

    private static boolean schemaExists(Connection connection, String schema) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?")) {
            query.setString(1, schema);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    /** The statement that makes this table. */
    public static String ddl(TargetTable table, RowSchema rows, WriteRules rules) {
        List<String> parts = new ArrayList<>();
        for (Column column : rows.columns()) {
            parts.add(definition(column));
        }
        rules.mark().ifPresent(mark -> parts.add(Identifiers.quoted(mark) + " " + DeletionMark.DECLARED));
        if (rows.hasKey()) {
            parts.add("PRIMARY KEY (" + quoted(rows.keyColumns()) + ")");
        }
        return "CREATE TABLE IF NOT EXISTS " + name(table) + " (\n    " + String.join(",\n    ", parts) + "\n)";
    }

    private static String definition(Column column) {
        return Identifiers.quoted(column.name()) + " " + column.declared() + (column.nullable() ? "" : " NOT NULL");
    }

    /** Why the table could not be created: types that this database does not have, or no key. */
    private static List<Finding> uncreatable(Connection connection, TargetTable table, RowSchema rows)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        if (!rows.hasKey()) {
            findings.add(Finding.error(
                    place(table),
                    "its rows have no key, so a change can't find the row that it changes",
                    "Give the table a primary key at its source, or name its key columns under `key:`."));
        }
        findings.addAll(unknownTypes(connection, table, rows));
        return findings;
    }

    private static List<Finding> unknownTypes(Connection connection, TargetTable table, RowSchema rows)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (Column column : rows.columns()) {
            if (!known.contains(column.declared()) && !isType(connection, column.declared())) {
                findings.add(Finding.error(
                        place(table) + " column " + column.name(),
                        "the target database has no type " + column.declared(),
                        "Create the type or its extension there (for an enum: CREATE TYPE … AS ENUM with the source's "
                                + "labels), or give the column another `type:`."));
            }
            known.add(column.declared());
        }
        return findings;
    }

    /** The database itself reads the name, and only a name: nothing else that stands there gets into the statement. */
    static boolean isType(Connection connection, String declared) throws SQLException {
        java.sql.Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
        try (PreparedStatement query = connection.prepareStatement("SELECT pg_catalog.to_regtype(?)::oid")) {
            query.setString(1, declared);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getObject(1) != null;
            }
        } catch (SQLException e) {
            // Before PostgreSQL 16 what is no name at all is an error instead of a null.
            if (before == null || SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }

    /** What the target lacks for these rows; changes nothing. An error must be mended before a row is written. */
    public static List<Finding> missing(Connection connection, TargetTable table, RowSchema rows, WriteRules rules)
            throws SQLException {
        Optional<TargetShape> shape = TargetShape.read(connection, table);
        if (shape.isEmpty()) {
            List<Finding> findings = uncreatable(connection, table, rows);
            if (findings.isEmpty()) {
                findings.add(Finding.error(
                        place(table), "the table does not exist", "Create it: " + ddl(table, rows, rules)));
            }
            return findings;
        }
        return unsuitable(connection, shape.get(), rows, rules);
    }

    static List<Finding> unsuitable(Connection connection, TargetShape shape, RowSchema rows, WriteRules rules)
            throws SQLException {
        List<Finding> findings = new ArrayList<>(missingColumns(connection, shape, rows));
        findings.addAll(unsuitedRules(shape.table(), rows, rules));
        rules.mark().ifPresent(mark -> findings.addAll(DeletionMark.unsuitable(shape, mark)));
        String place = place(shape.table());
        if (!shape.uniqueKeys().contains(Set.copyOf(rows.keyColumns()))) {
            findings.add(Finding.error(
                    place,
                    "no primary key or unique index is on exactly (" + String.join(", ", rows.keyColumns()) + ")",
                    "Run: CREATE UNIQUE INDEX CONCURRENTLY ON " + name(shape.table()) + " (" + quoted(rows.keyColumns())
                            + ")"));
        }
        for (TargetColumn column : shape.columns().values()) {
            if (rows.indexOf(column.name()) < 0
                    && !column.optional()
                    && !rules.mark().equals(Optional.of(column.name()))) {
                findings.add(Finding.error(
                        place + " column " + column.name(),
                        "it must not be null, has no default, and the rows bring no value for it",
                        "Map the column, or run: ALTER TABLE " + name(shape.table()) + " ALTER COLUMN "
                                + Identifiers.quoted(column.name()) + " SET DEFAULT …"));
            }
        }
        for (Column column : rows.columns()) {
            TargetColumn target = shape.columns().get(column.name());
            if (target != null) {
                findings.addAll(narrower(shape.table(), column, target));
            }
        }
        findings.addAll(missingRights(connection, shape.table()));
        return findings;
    }

    /** What the table's rules ask of rows that can't do it. */
    private static List<Finding> unsuitedRules(TargetTable table, RowSchema rows, WriteRules rules) {
        List<Finding> findings = new ArrayList<>();
        rules.mark()
                .filter(mark -> rows.indexOf(mark) >= 0)
                .ifPresent(mark -> findings.add(Finding.error(
                        place(table) + " column " + mark,
                        "the rows bring a value for the column that is to mark deleted ones",
                        "Name another column in `deletes: soft(…)`, or leave this one out of the rows.")));
        rules.latest()
                .or(rules::watched)
                .filter(by -> !tellsTheLatest(rows, by))
                .ifPresent(by -> findings.add(Finding.error(
                        place(table) + " column " + by,
                        "it can't tell which of two rows is the newer one",
                        "Name a column under `conflict: {by: …}` that is a time, a date or a whole number.")));
        if (rules.keepsFirst() && rules.mark().isPresent()) {
            findings.add(Finding.error(
                    place(table),
                    "a row that stays with a mark would never be replaced where the first one wins",
                    "Let deletes be hard, or ignore them."));
        }
        return findings;
    }

    private static boolean tellsTheLatest(RowSchema rows, String by) {
        int at = rows.indexOf(by);
        return at >= 0 && Latest.canTell(rows.column(at).type());
    }

    /** A decimal with more digits than its target keeps would be rounded, and nothing would ever say so. */
    private static List<Finding> narrower(TargetTable table, Column column, TargetColumn target) {
        if (!target.declared().startsWith("numeric(") || !(column.type() instanceof Numeric numeric)) {
            return List.of();
        }
        int kept = TargetColumn.scale(target.declared());
        Integer scale = numeric.scale();
        if (scale != null && scale <= kept) {
            return List.of();
        }
        return List.of(new Finding(
                scale == null ? Finding.Severity.WARNING : Finding.Severity.ERROR,
                place(table) + " column " + column.name(),
                "values of type " + column.declared() + " would be rounded to " + target.declared(),
                WiderType.between(target.declared(), column.declared())
                        .map(wider -> "Run: ALTER TABLE " + name(table) + " ALTER COLUMN "
                                + Identifiers.quoted(column.name()) + " TYPE " + wider.declared())
                        .orElse("Give the target column at least the source's scale.")));
    }

    static List<Finding> missingColumns(Connection connection, TargetShape shape, RowSchema rows) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Column column : rows.columns()) {
            if (!shape.columns().containsKey(column.name())) {
                // An added column is always nullable: the rows that are there have no value for it yet.
                findings.add(Finding.error(
                        place(shape.table()) + " column " + column.name(),
                        "the table has no such column",
                        "Run: ALTER TABLE " + name(shape.table()) + " ADD COLUMN " + Identifiers.quoted(column.name())
                                + " " + column.declared()));
            }
        }
        return findings;
    }

    private static List<Finding> missingRights(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r "
                        + "WHERE NOT has_table_privilege(?, r)")) {
            query.setString(1, name(table));
            List<String> lacking = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    lacking.add(found.getString(1));
                }
            }
            return lacking.isEmpty()
                    ? List.of()
                    : List.of(Finding.error(
                            place(table),
                            "our user may not " + String.join(", ", lacking),
                            "Run: GRANT " + String.join(", ", lacking) + " ON " + name(table) + " TO that user"));
        }
    }

    static HaltException absent(TargetTable table) {
        return new HaltException(
                "TARGET_TABLE_MISSING",
                "the target table does not exist",
                place(table),
                "Where it never was, let a start of the whole pipeline create it. Where it had rows, see the runbook.");
    }

    private static String place(TargetTable table) {
        return "table " + table;
    }

    private static String name(TargetTable table) {
        return Identifiers.qualified(table.schema(), table.table());
    }

    private static String quoted(List<String> names) {
        return names.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
    }
}
