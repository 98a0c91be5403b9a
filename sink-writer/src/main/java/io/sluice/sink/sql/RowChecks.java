package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks the tables which of many rows would fail, in one statement: to try them would take some for each. Rows are named by their
 * places. Belongs to one thread.
 */
public final class RowChecks {

    private final TableWriter writer;
    private final SetExecution execution = new SetExecution();
    private final Map<Asked, Optional<SetStatement>> statements = new HashMap<>();

    /** @param what the question, with the constraint or column that it is about */
    private record Asked(TargetTable table, RowSchema schema, String what) {}

    private interface Maker {
        Optional<SetStatement> make(TargetShape shape) throws SQLException;
    }

    RowChecks(TableWriter writer) {
        this.writer = writer;
    }

    /**
     * Which of these rows refer to one that is not there, by the foreign key that was just broken. It may say too much where our
     * user does not see all rows.
     *
     * @return for each of them what the target would say
     */
    public Map<Integer, SQLException> orphans(
            Connection connection, TargetTable table, RowSchema schema, List<Row> rows, SQLException broken)
            throws SQLException {
        SqlErrors.Broken constraint = SqlErrors.broken(broken);
        if (constraint == null || !SqlErrors.FOREIGN_KEY.equals(broken.getSQLState())) {
            return Map.of();
        }
        Optional<SetStatement> statement =
                statement(connection, table, schema, "orphans " + constraint.name(), shape -> Reference.find(
                                connection, table, constraint.name())
                        .filter(reference -> reference.isIn(schema))
                        .map(reference -> orphans(shape, schema, reference)));
        Map<Integer, SQLException> found = new HashMap<>();
        if (statement.isPresent()) {
            SQLException missing = new ForeseenException(
                    "a row that is referred to is not there",
                    SqlErrors.FOREIGN_KEY,
                    table.schema(),
                    table.table(),
                    constraint.name());
            places(connection, statement.get(), schema, rows, List.of()).forEach(place -> found.put(place, missing));
        }
        return found;
    }

    /**
     * Which of these rows bring a value that another row has, which is neither among them nor among those that change with them,
     * by the unique index that was just in their way. It never says too much.
     *
     * @param others keys of rows that change with them
     * @param amongThem whether a value that several of them bring is taken for all but the first
     * @return for each of them what the target would say
     */
    public Map<Integer, SQLException> taken(
            Connection connection,
            TargetTable table,
            RowSchema schema,
            List<Row> rows,
            List<Key> others,
            SQLException broken,
            boolean amongThem)
            throws SQLException {
        SqlErrors.Broken index = SqlErrors.broken(broken);
        if (index == null
                || !SqlErrors.UNIQUE.equals(broken.getSQLState())
                || !others.stream().allMatch(key -> isKeyOf(key, schema))) {
            return Map.of();
        }
        Set<Integer> places = new HashSet<>();
        for (boolean asked : amongThem ? new boolean[] {false, true} : new boolean[] {false}) {
            Optional<SetStatement> statement = statement(
                    connection, table, schema, (asked ? "twice " : "taken ") + index.name(), shape -> UniqueKey.find(
                                    connection, table, index.schema(), index.name())
                            .filter(unique -> unique.isIn(schema) && isWritten(shape, schema, unique))
                            .map(unique -> asked ? twice(shape, schema, unique) : taken(shape, schema, unique)));
            if (statement.isPresent()) {
                places.addAll(places(connection, statement.get(), schema, rows, others));
            }
        }
        SQLException clash = new ForeseenException(
                "another row has the value", SqlErrors.UNIQUE, index.schema(), table.table(), index.name());
        Map<Integer, SQLException> found = new HashMap<>();
        places.forEach(place -> found.put(place, clash));
        return found;
    }

    /** Which of these rows are there with a later value of this column. */
    public Set<Integer> newer(Connection connection, TargetTable table, RowSchema schema, List<Row> rows, String by)
            throws SQLException {
        Optional<SetStatement> statement =
                statement(connection, table, schema, "newer", shape -> Optional.of(newer(shape, schema, by)));
        return statement.isEmpty() || rows.isEmpty()
                ? Set.of()
                : Set.copyOf(places(connection, statement.get(), schema, rows, List.of()));
    }

    void forget() {
        statements.clear();
    }

    private Optional<SetStatement> statement(
            Connection connection, TargetTable table, RowSchema schema, String what, Maker maker) throws SQLException {
        Asked asked = new Asked(table, schema, what);
        Optional<SetStatement> known = statements.get(asked);
        if (known == null) {
            known = maker.make(writer.suited(connection, table, schema));
            statements.put(asked, known);
        }
        return known;
    }

    private Set<Integer> places(
            Connection connection, SetStatement statement, RowSchema schema, List<Row> rows, List<Key> others)
            throws SQLException {
        SetExecution.Values values = (row, column) -> {
            if (column == schema.size()) {
                return (Object) (row < rows.size() ? (long) row : -1L);
            }
            if (row < rows.size()) {
                Object value = rows.get(row).value(column);
                return value == Unchanged.UNCHANGED ? null : value;
            }
            return part(others.get(row - rows.size()), schema.column(column).name());
        };
        Set<Integer> places = new HashSet<>();
        for (long place : execution.numbers(connection, statement, rows.size() + others.size(), values)) {
            places.add((int) place);
        }
        return places;
    }

    private static @Nullable Object part(Key key, String column) {
        int at = key.schema().indexOf(column);
        return at < 0 ? null : key.part(at);
    }

    private static boolean isKeyOf(Key key, RowSchema rows) {
        return key.schema().size() == rows.keyColumns().size()
                && key.schema().columns().stream().allMatch(column -> {
                    int at = rows.indexOf(column.name());
                    return at >= 0 && rows.isKey(at) && rows.column(at).type().equals(column.type());
                });
    }

    /** Whether whatever such a row brings of these columns is in the table then. */
    private boolean isWritten(TargetShape shape, RowSchema schema, UniqueKey unique) {
        WriteRules rules = writer.rules(shape.table());
        return !rules.keepsFirst()
                && rules.guard().isEmpty()
                && unique.columns().stream()
                        .allMatch(column -> schema.isKey(schema.indexOf(column))
                                || (rules.changes(column)
                                        && !shape.column(column).generated()
                                        && !shape.column(column).identityAlways()));
    }

    /** The rows' own places travel behind their columns; -1 for those that are not asked about. */
    private static List<SetStatement.Parameter> withPlaces(Unnest unnest, RowSchema schema) {
        List<SetStatement.Parameter> parameters = new ArrayList<>(unnest.parameters);
        parameters.add(new SetStatement.Parameter(schema.size(), ColumnEncoder.of(LogicalType.Simple.INT64, ',')));
        return parameters;
    }

    private static String name(TargetShape shape) {
        return Identifiers.qualified(shape.table().schema(), shape.table().table());
    }

    private static Column column(RowSchema schema, Unnest unnest, int place) {
        return schema.column(unnest.indexes.get(place));
    }

    private static SetStatement orphans(TargetShape shape, RowSchema schema, Reference reference) {
        Unnest unnest = new Unnest(shape, schema, i -> reference
                .columns()
                .contains(schema.column(i).name()));
        List<String> given = new ArrayList<>();
        List<String> matches = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            int of = reference.columns().indexOf(column(schema, unnest, place).name());
            given.add(unnest.casts.get(place) + " IS NOT NULL");
            matches.add("p." + Identifiers.quoted(reference.parentColumns().get(of)) + " = " + unnest.casts.get(place));
        }
        return new SetStatement(
                "SELECT u.place FROM " + unnest.from("place") + " WHERE " + String.join(" AND ", given)
                        + " AND NOT EXISTS (SELECT FROM " + reference.parent() + " AS p WHERE "
                        + String.join(" AND ", matches) + ")",
                withPlaces(unnest, schema));
    }

    private static SetStatement newer(TargetShape shape, RowSchema schema, String by) {
        Unnest unnest = new Unnest(
                shape, schema, i -> schema.isKey(i) || schema.column(i).name().equals(by));
        List<String> conditions = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            String stored =
                    "t." + Identifiers.quoted(column(schema, unnest, place).name());
            String value = unnest.casts.get(place);
            if (schema.isKey(unnest.indexes.get(place))) {
                conditions.add(stored + " = " + value);
            }
            if (column(schema, unnest, place).name().equals(by)) {
                conditions.add(stored + " IS NOT NULL AND (" + value + " IS NULL OR " + stored + " > " + value + ")");
            }
        }
        return new SetStatement(
                "SELECT u.place FROM " + name(shape) + " AS t, " + unnest.from("place") + " WHERE "
                        + String.join(" AND ", conditions),
                withPlaces(unnest, schema));
    }

    private static SetStatement taken(TargetShape shape, RowSchema schema, UniqueKey unique) {
        Unnest unnest = keysAnd(unique, shape, schema);
        List<String> matches = new ArrayList<>();
        List<String> stored = new ArrayList<>();
        List<String> changing = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            String name =
                    "t." + Identifiers.quoted(column(schema, unnest, place).name());
            if (unique.columns().contains(column(schema, unnest, place).name())) {
                matches.add(name + " = u.v" + place);
            }
            if (schema.isKey(unnest.indexes.get(place))) {
                stored.add(name);
                changing.add("v" + place);
            }
        }
        // NOT IN is looked up in a hash table; NOT EXISTS would be planned as a loop over rows whose number nobody
        // knows.
        return new SetStatement(
                asTheTableHasThem(unnest) + " SELECT u.place FROM u JOIN " + name(shape) + " AS t ON "
                        + String.join(" AND ", matches) + " WHERE u.place >= 0 AND (" + String.join(", ", stored)
                        + ") NOT IN (SELECT " + String.join(", ", changing) + " FROM u)",
                withPlaces(unnest, schema));
    }

    private static SetStatement twice(TargetShape shape, RowSchema schema, UniqueKey unique) {
        Unnest unnest = keysAnd(unique, shape, schema);
        List<String> values = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            if (unique.columns().contains(column(schema, unnest, place).name())) {
                values.add("v" + place);
            }
        }
        return new SetStatement(
                asTheTableHasThem(unnest) + " SELECT place FROM (SELECT place, row_number() OVER (PARTITION BY "
                        + String.join(", ", values) + " ORDER BY place) AS n FROM u WHERE place >= 0 AND "
                        + String.join(" IS NOT NULL AND ", values) + " IS NOT NULL) AS r WHERE n > 1",
                withPlaces(unnest, schema));
    }

    private static Unnest keysAnd(UniqueKey unique, TargetShape shape, RowSchema schema) {
        return new Unnest(
                shape,
                schema,
                i -> schema.isKey(i)
                        || unique.columns().contains(schema.column(i).name()));
    }

    private static String asTheTableHasThem(Unnest unnest) {
        List<String> columns = new ArrayList<>();
        for (int place = 0; place < unnest.casts.size(); place++) {
            columns.add(unnest.casts.get(place) + " AS v" + place);
        }
        return "WITH u AS MATERIALIZED (SELECT " + String.join(", ", columns) + ", u.place FROM " + unnest.from("place")
                + ")";
    }
}
