package io.sluice.control.reconcile;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresText;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads rows of one table through the one value decoder, as much at a time as memory has room for. Belongs to one thread. */
final class TableReader {

    private static final int MOST_ROWS = 2_000;
    private static final int MOST_BYTES = 4 * 1024 * 1024;
    /** One statement holds back what the server may clean up; so a table is read in several. */
    private static final int ROWS_PER_STATEMENT = 50_000;

    private static final Column VERSION = new Column("version", Simple.TEXT, "text", false);

    private final PostgresConnector connector;
    private final Connection connection;
    private final RowSchema rows;
    private final RowTextDecoder decoder;
    private final String select;

    /**
     * @param table the qualified and quoted name
     * @param versioned whether the server tells which transaction wrote a row
     */
    TableReader(PostgresConnector connector, Connection connection, String table, RowSchema rows, boolean versioned) {
        this.connector = connector;
        this.connection = connection;
        this.rows = rows;
        List<Column> columns = new ArrayList<>(rows.columns());
        columns.add(VERSION.renamed(free(rows)));
        this.decoder = new RowTextDecoder(new RowSchema(rows.name(), columns, List.of()), table);
        this.select = "SELECT "
                + rows.columns().stream()
                        .map(column -> "t." + Identifiers.quoted(column.name()))
                        .collect(Collectors.joining(", "))
                + ", " + (versioned ? "t.xmin" : "''") + " FROM " + table + " t";
    }

    private static String free(RowSchema rows) {
        StringBuilder name = new StringBuilder("version");
        while (rows.indexOf(name.toString()) >= 0) {
            name.append('_');
        }
        return name.toString();
    }

    RowSchema rows() {
        return rows;
    }

    /** @param version tells whether the row was written anew; empty where the server does not say */
    record Found(Row row, String version) {}

    /**
     * Hands over all rows in batches.
     *
     * @param order columns of an index that tells rows apart, none of them null; empty: all in one statement
     * @param condition only such rows; empty: all
     */
    void scan(List<String> order, String condition, Batches<Found> batches) throws InterruptedException {
        if (order.isEmpty()) {
            copy(select + (condition.isEmpty() ? "" : " WHERE " + condition), batches);
            return;
        }
        String by =
                order.stream().map(column -> "t." + Identifiers.quoted(column)).collect(Collectors.joining(", "));
        Last last = new Last();
        do {
            last.read = 0;
            List<String> conditions = new ArrayList<>();
            if (last.row != null) {
                conditions.add("(" + by + ") > (" + literals(order, last.row) + ")");
            }
            if (!condition.isEmpty()) {
                conditions.add("(" + condition + ")");
            }
            copy(
                    select + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions)) + " ORDER BY "
                            + by + " LIMIT " + ROWS_PER_STATEMENT,
                    batch -> {
                        last.row = batch.get(batch.size() - 1).row();
                        last.read += batch.size();
                        batches.take(batch);
                    });
        } while (last.read == ROWS_PER_STATEMENT);
    }

    /** Where a scan is. */
    private static final class Last {
        private @Nullable Row row;
        private int read;
    }

    private String literals(List<String> columns, Row row) {
        return columns.stream()
                .map(name -> {
                    LogicalType type = rows.column(rows.indexOf(name)).type();
                    Object value = row.value(name);
                    if (value == null) {
                        throw new IllegalStateException("column " + name + " was not to be null");
                    }
                    return Identifiers.literal(PostgresText.of(type, value));
                })
                .collect(Collectors.joining(", "));
    }

    /**
     * The rows with these keys, in any order; their values may be of other types than the columns.
     *
     * @param columns of this table
     * @param types of the values
     * @param keys each with a value for each column; without repetitions
     */
    List<Found> lookUp(List<String> columns, List<Column> types, List<List<@Nullable Object>> keys)
            throws InterruptedException {
        List<Found> found = new ArrayList<>();
        for (int from = 0; from < keys.size(); from += MOST_ROWS) {
            List<List<@Nullable Object>> part = keys.subList(from, Math.min(keys.size(), from + MOST_ROWS));
            copy(select + " JOIN " + wanted(columns, types, part), found::addAll);
        }
        return found;
    }

    private String wanted(List<String> columns, List<Column> types, List<List<@Nullable Object>> keys) {
        List<String> arrays = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column own = rows.column(rows.indexOf(columns.get(i)));
            String cast = cast(types.get(i).type(), own);
            arrays.add(Identifiers.literal(array(types.get(i).type(), keys, i)) + "::" + cast + "[]");
            names.add("k" + i);
            String here = "t." + Identifiers.quoted(own.name()) + (cast.equals("text") && !isText(own) ? "::text" : "");
            boolean nullable = types.get(i).nullable() && own.nullable();
            conditions.add(
                    nullable
                            ? "(" + here + " = v.k" + i + " OR " + here + " IS NULL AND v.k" + i + " IS NULL)"
                            : here + " = v.k" + i);
        }
        return "ROWS FROM ("
                + arrays.stream().map(array -> "unnest(" + array + ")").collect(Collectors.joining(", ")) + ") AS v("
                + String.join(", ", names) + ") ON " + String.join(" AND ", conditions);
    }

    private static boolean isText(Column column) {
        return column.type() == Simple.TEXT && !column.declared().startsWith("character(");
    }

    /** A type without limits, so that no value is cut or rounded until it is another one. */
    private static String cast(LogicalType type, Column own) {
        if (own.type() == Simple.TEXT && own.declared().startsWith("character(")) {
            return "bpchar";
        }
        if (type instanceof Numeric) {
            return "numeric";
        }
        if (type instanceof Native && type.equals(own.type()) && !own.declared().equals("text")) {
            return own.declared();
        }
        if (!(type instanceof Simple simple) || (own.type() instanceof Simple text && text == Simple.TEXT)) {
            return "text";
        }
        return switch (simple) {
            case BOOLEAN -> "boolean";
            case INT16, INT32 -> "integer";
            case INT64 -> "bigint";
            case FLOAT32 -> "real";
            case FLOAT64 -> "double precision";
            case UUID -> "uuid";
            case DATE -> "date";
            case TIME -> "time";
            case TIMESTAMP -> "timestamp";
            case TIMESTAMPTZ -> "timestamptz";
            case BYTES -> "bytea";
            case TEXT, JSON, DOCUMENT -> "text";
        };
    }

    private static String array(LogicalType type, List<List<@Nullable Object>> keys, int part) {
        StringBuilder text = new StringBuilder("{");
        for (List<@Nullable Object> key : keys) {
            if (text.length() > 1) {
                text.append(',');
            }
            Object value = key.get(part);
            if (value == null) {
                text.append("NULL");
            } else {
                String plain = PostgresText.of(type, value);
                text.append('"')
                        .append(plain.replace("\\", "\\\\").replace("\"", "\\\""))
                        .append('"');
            }
        }
        return text.append('}').toString();
    }

    private void copy(String query, Batches<Found> batches) throws InterruptedException {
        CopyOut copy = begun(query);
        try {
            List<Found> batch = new ArrayList<>();
            int bytes = 0;
            for (byte[] line = line(copy); line != null; line = line(copy)) {
                batch.add(found(decoder.copyLine(line)));
                bytes += line.length;
                if (batch.size() == MOST_ROWS || bytes >= MOST_BYTES) {
                    batches.take(batch);
                    batch = new ArrayList<>();
                    bytes = 0;
                }
            }
            if (!batch.isEmpty()) {
                batches.take(batch);
            }
        } finally {
            end(copy);
        }
    }

    private CopyOut begun(String query) {
        try {
            return connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT");
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private byte @Nullable [] line(CopyOut copy) {
        try {
            return copy.readFromCopy();
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private void end(CopyOut copy) {
        if (copy.isActive()) {
            try {
                copy.cancelCopy();
            } catch (SQLException e) {
                throw connector.unreachable(e);
            }
        }
    }

    private Found found(Row read) {
        int width = rows.size();
        @Nullable Object[] values = new Object[width];
        for (int i = 0; i < width; i++) {
            values[i] = read.value(i);
        }
        return new Found(new Row(rows, values), String.valueOf(read.value(width)));
    }
}
