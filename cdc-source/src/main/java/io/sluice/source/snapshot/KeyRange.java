package io.sluice.source.snapshot;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows between two keys, in the database's own order of them. Keys are texts as the database writes them: it alone knows how
 * they compare.
 *
 * @param after the key before the range; null at the table's begin
 * @param upTo the last key of the range
 */
public record KeyRange(@Nullable List<String> after, List<String> upTo) {

    /** The table's last key; no row if the table is empty. */
    static String last(PostgresTable table) {
        String order = keyColumns(table.row()).stream()
                .map(column -> inOrder(column) + " DESC")
                .collect(Collectors.joining(", "));
        return "SELECT " + keyTexts(table) + from(table) + " ORDER BY " + order + " LIMIT 1";
    }

    String copy(PostgresTable table) {
        String columns = table.row().columns().stream()
                .map(Column::name)
                .map(Identifiers::quoted)
                .collect(Collectors.joining(", "));
        return "COPY (SELECT " + columns + source(table) + ") TO STDOUT";
    }

    /** The last key of the first so many rows; no row if there are fewer. */
    String end(PostgresTable table, int rows) {
        String order = keyColumns(table.row()).stream().map(KeyRange::inOrder).collect(Collectors.joining(", "));
        return "SELECT " + keyTexts(table) + source(table) + " ORDER BY " + order + " OFFSET " + (rows - 1)
                + " LIMIT 1";
    }

    /** With the table before it: a bare name would mean the text that is selected under it. */
    private static String inOrder(Column column) {
        return "t." + Identifiers.quoted(column.name());
    }

    /**
     * Whether the row of that key is in the range or gone. Asked of the rows themselves, for a column's own collation decides
     * how its values compare.
     */
    public String holds(PostgresTable table, List<String> key) {
        return "SELECT NOT EXISTS (SELECT" + from(table) + " WHERE " + comparison(table.row(), "=", key) + " AND NOT ("
                + conditions(table) + "))";
    }

    private static String keyTexts(PostgresTable table) {
        return keyColumns(table.row()).stream()
                .map(column -> Identifiers.quoted(column.name()) + "::pg_catalog.text")
                .collect(Collectors.joining(", "));
    }

    private static String from(PostgresTable table) {
        // A partitioned table has no rows of its own, and one that others inherit from is published without theirs.
        String only = table.kind() == PostgresTable.Kind.TABLE ? "ONLY " : "";
        return " FROM " + only + table.qualifiedName() + " AS t";
    }

    private String source(PostgresTable table) {
        return from(table) + " WHERE " + conditions(table);
    }

    private String conditions(PostgresTable table) {
        String upper = comparison(table.row(), "<=", upTo);
        return after == null ? upper : comparison(table.row(), ">", after) + " AND " + upper;
    }

    private static String comparison(RowSchema row, String operator, List<String> values) {
        String names = keyColumns(row).stream()
                .map(column -> Identifiers.quoted(column.name()))
                .collect(Collectors.joining(", "));
        return "(" + names + ") " + operator + " " + literals(row, values);
    }

    private static String literals(RowSchema row, List<String> values) {
        List<Column> key = keyColumns(row);
        if (key.size() != values.size()) {
            throw new IllegalStateException("a stored key has another number of columns");
        }
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            literals.add(Identifiers.literal(values.get(i)) + "::" + key.get(i).declared());
        }
        return "(" + String.join(", ", literals) + ")";
    }

    private static List<Column> keyColumns(RowSchema row) {
        return row.keySchema().columns();
    }
}
