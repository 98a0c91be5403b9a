package io.sluice.sink.parking;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.sql.RowChecks;
import io.sluice.sink.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Tells which of many rows stand in the way of all, by asking the tables instead of trying each. What can't be told so is left to
 * be tried.
 */
final class Sifting {

    /** So few are tried one by one. */
    static final int FEW = 8;

    private final RowChecks checks;
    private final Connection connection;
    private final boolean guessing;

    private record Shape(TargetTable table, RowSchema schema) {}

    /** One question about rows of one shape. */
    private interface Question {
        Map<Integer, SQLException> ask(TargetTable table, RowSchema schema, List<Row> rows) throws SQLException;
    }

    /** @param guessing whether also what may pass, or may be said of too many, is told */
    Sifting(RowChecks checks, Connection connection, boolean guessing) {
        this.checks = checks;
        this.connection = connection;
        this.guessing = guessing;
    }

    /** Those that have the fault which all of them together had. */
    Map<KeyWork, SQLException> faulty(List<KeyWork> works, SQLException error) throws SQLException {
        if (works.size() < FEW) {
            return Map.of();
        }
        if (SqlErrors.isCollision(error)) {
            return taken(works, error, guessing);
        }
        return guessing
                ? asked(works, (table, schema, rows) -> checks.orphans(connection, table, schema, rows, error))
                : Map.of();
    }

    /** Those of them that may have handed round their values among them: what others have, or several want, is not among these. */
    List<KeyWork> swappable(Map<KeyWork, SQLException> failed) throws SQLException {
        List<KeyWork> rest = List.copyOf(failed.keySet());
        Set<KeyWork> taken = new HashSet<>();
        do {
            taken.clear();
            if (rest.size() >= FEW) {
                Map<String, SQLException> kinds = new LinkedHashMap<>();
                rest.forEach(work -> kinds.putIfAbsent(
                        SqlErrors.describe(Objects.requireNonNull(failed.get(work))), failed.get(work)));
                for (SQLException error : kinds.values()) {
                    taken.addAll(taken(rest, error, true).keySet());
                }
            }
            rest = rest.stream().filter(work -> !taken.contains(work)).toList();
        } while (!taken.isEmpty());
        return rest;
    }

    private Map<KeyWork, SQLException> taken(List<KeyWork> works, SQLException error, boolean amongThem)
            throws SQLException {
        return asked(works, (table, schema, rows) -> {
            List<Key> others = works.stream()
                    .filter(work -> work.table().equals(table) && !isOf(work, schema))
                    .map(work -> work.pieces().get(0).incoming().change().key())
                    .toList();
            return checks.taken(connection, table, schema, rows, others, error, amongThem);
        });
    }

    private static boolean isOf(KeyWork work, RowSchema schema) {
        Row row = work.lastRow();
        return row != null && row.schema().equals(schema);
    }

    private Map<KeyWork, SQLException> asked(List<KeyWork> works, Question question) throws SQLException {
        Map<Shape, List<KeyWork>> shapes = new LinkedHashMap<>();
        for (KeyWork work : works) {
            Row row = work.lastRow();
            if (row != null) {
                shapes.computeIfAbsent(new Shape(work.table(), row.schema()), first -> new ArrayList<>())
                        .add(work);
            }
        }
        Map<KeyWork, SQLException> found = new LinkedHashMap<>();
        Savepoint before = connection.setSavepoint();
        try {
            for (Map.Entry<Shape, List<KeyWork>> each : shapes.entrySet()) {
                List<KeyWork> of = each.getValue();
                List<Row> rows = of.stream()
                        .map(work -> Objects.requireNonNull(work.lastRow()))
                        .toList();
                question.ask(each.getKey().table(), each.getKey().schema(), rows)
                        .forEach((place, why) -> found.put(of.get(place), why));
            }
        } catch (SQLException e) {
            if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                throw e;
            }
            // A value that does not fit its type, or a table that we may not read: each has to be tried.
            connection.rollback(before);
            found.clear();
        }
        connection.releaseSavepoint(before);
        return found;
    }
}
