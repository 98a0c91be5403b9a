package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Finds the columns of a table whose values do not, or not always, arrive as they are. */
final class ColumnCheck {

    /** Enough to know a column that is used for such values, and too few to be felt. */
    private static final int SAMPLED_ROWS = 1000;

    private final Connection connection;
    private final String place;
    private final PostgresTable table;
    private final List<Finding> findings = new ArrayList<>();

    private ColumnCheck(Connection connection, String place, PostgresTable table) {
        this.connection = connection;
        this.place = place;
        this.table = table;
    }

    static List<Finding> of(Connection connection, String place, PostgresTable table) throws SQLException {
        ColumnCheck check = new ColumnCheck(connection, place, table);
        check.generated();
        check.names();
        if (check.isReadable()) {
            check.arrays();
        }
        return check.findings;
    }

    private boolean isReadable() throws SQLException {
        return !table.rowSecurity()
                && Sql.isTrue(
                        connection,
                        "SELECT pg_catalog.has_table_privilege(oid, 'SELECT') AND pg_catalog.has_schema_privilege(relnamespace,"
                                + " 'USAGE') FROM pg_catalog.pg_class WHERE oid = " + table.oid());
    }

    private void generated() throws SQLException {
        List<String> generated = columns("a.attgenerated <> ''");
        if (!generated.isEmpty()) {
            findings.add(
                    Finding.warning(
                            place,
                            "the log does not carry generated columns, so these are left out: "
                                    + String.join(", ", generated),
                            "Let the target compute them, as columns generated there or by an expression in the pipeline file."));
        }
    }

    /** What they are is a number; what is carried is the name that it has at that moment. */
    private void names() throws SQLException {
        List<String> names = columns("t.typinput::pg_catalog.regproc::pg_catalog.text LIKE 'reg%in' OR e.typinput::"
                + "pg_catalog.regproc::pg_catalog.text LIKE 'reg%in'");
        if (!names.isEmpty()) {
            findings.add(Finding.warning(
                    place,
                    "these columns hold the names of tables, types or roles as they are when a row is written; renaming one"
                            + " reaches no target: "
                            + String.join(", ", names),
                    "Use text or oid, if that matters."));
        }
    }

    private List<String> columns(String condition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT a.attname FROM pg_catalog.pg_attribute a"
                + " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
                + " LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
                + " WHERE a.attrelid = ?::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped AND (" + condition
                + ") ORDER BY a.attnum")) {
            query.setLong(1, table.oid());
            List<String> names = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    names.add(found.getString(1));
                }
            }
            return names;
        }
    }

    private void arrays() throws SQLException {
        List<String> arrays = table.row().columns().stream()
                .filter(column -> column.type() instanceof Array)
                .map(Column::name)
                .toList();
        if (arrays.isEmpty()) {
            return;
        }
        String only = table.kind() == PostgresTable.Kind.TABLE ? "ONLY " : "";
        String names = arrays.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
        String shaped = arrays.stream()
                .map(Identifiers::quoted)
                .map(name -> "pg_catalog.bool_or(pg_catalog.array_ndims(" + name + ") > 1 OR pg_catalog.array_lower("
                        + name + ", 1) <> 1)")
                .collect(Collectors.joining(", "));
        try (Statement query = connection.createStatement();
                ResultSet found = query.executeQuery("SELECT " + shaped + " FROM (SELECT " + names + " FROM " + only
                        + table.qualifiedName() + " LIMIT " + SAMPLED_ROWS + ") AS some_rows")) {
            found.next();
            for (int i = 0; i < arrays.size(); i++) {
                if (found.getBoolean(i + 1)) {
                    findings.add(Finding.error(
                            place,
                            "column " + arrays.get(i)
                                    + " holds arrays of several dimensions, or whose indexes do not begin at 1, which a plain"
                                    + " array can't carry",
                            remedy(arrays.get(i))));
                }
            }
        }
    }

    private String remedy(String column) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), t.typtype = 'd'
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = ?::pg_catalog.oid AND a.attname = ?""")) {
            query.setLong(1, table.oid());
            query.setString(2, column);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next() || found.getBoolean(2)) {
                    return "Give it a type other than that domain, with two dimensions declared, integer[][] say.";
                }
                return "ALTER TABLE " + table.qualifiedName() + " ALTER COLUMN " + Identifiers.quoted(column) + " TYPE "
                        + found.getString(1) + "[]; which rewrites nothing: they are then carried as text.";
            }
        }
    }
}
