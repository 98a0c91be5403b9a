package io.sluice.sink.parking;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Course;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.sql.ConflictException;
import io.sluice.sink.sql.RowChecks;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes that would overwrite something newer, in tables where a person is to decide on that. Each change counts, also one
 * that a later one of the same batch supersedes: what is a conflict must not depend on how batches were cut.
 */
public final class Conflicts {

    private final RowChecks checks;
    private final Map<TargetTable, WriteRules> rules;

    private record Shape(TargetTable table, RowSchema schema) {}

    /** Changes of one batch, as they are read. Belongs to one thread. */
    public static final class Reading {

        private final Conflicts conflicts;
        private final Map<TargetTable, Map<Key, Course>> courses = new LinkedHashMap<>();

        private Reading(Conflicts conflicts) {
            this.conflicts = conflicts;
        }

        public void add(RowChange change) {
            WriteRules of = conflicts.rules.get(change.table());
            if (of != null && of.decided().isPresent()) {
                courses.computeIfAbsent(change.table(), first -> new HashMap<>())
                        .computeIfAbsent(change.key(), first -> new Course(of))
                        .add(change);
            }
        }

        /**
         * Where several changes of a key become one, only the last of them is written and meets what the target has.
         *
         * @throws ConflictException if one of the others would have met something newer
         */
        public void check(Connection connection) throws SQLException {
            for (Map.Entry<TargetTable, Map<Key, Course>> of : courses.entrySet()) {
                List<Course> several = of.getValue().values().stream()
                        .filter(each -> !each.isSingle())
                        .toList();
                boolean back = several.stream().anyMatch(each -> each.backAt() >= 0);
                if (back || !conflicts.met(connection, of.getKey(), several).isEmpty()) {
                    throw ConflictException.newer(conflicts.by(of.getKey()));
                }
            }
        }
    }

    public Conflicts(RowChecks checks, Map<TargetTable, WriteRules> rules) {
        this.checks = checks;
        this.rules = Map.copyOf(rules);
    }

    public Reading reading() {
        return new Reading(this);
    }

    private String by(TargetTable table) {
        WriteRules of = rules.get(table);
        return of == null ? "" : of.decided().orElse("");
    }

    /** For each of them that would overwrite something newer, from which change on. */
    Map<KeyWork, Separation.Failure> find(Connection connection, Collection<KeyWork> works) throws SQLException {
        Map<TargetTable, Map<Course, KeyWork>> tables = new LinkedHashMap<>();
        for (KeyWork work : works) {
            WriteRules of = rules.get(work.table());
            if (of != null && of.decided().isPresent()) {
                Course course = new Course(of);
                work.pieces().forEach(piece -> course.add(piece.incoming().change()));
                tables.computeIfAbsent(work.table(), first -> new LinkedHashMap<>())
                        .put(course, work);
            }
        }
        Map<KeyWork, Separation.Failure> found = new HashMap<>();
        for (Map.Entry<TargetTable, Map<Course, KeyWork>> of : tables.entrySet()) {
            SQLException newer = ConflictException.newer(by(of.getKey()));
            Map<Course, KeyWork> courses = of.getValue();
            courses.forEach((course, work) -> {
                if (course.backAt() >= 0) {
                    found.put(work, new Separation.Failure(course.backAt(), newer));
                }
            });
            for (Course course : met(connection, of.getKey(), courses.keySet())) {
                KeyWork work = courses.get(course);
                if (work != null) {
                    found.put(work, new Separation.Failure(course.firstAt(), newer));
                }
            }
        }
        return found;
    }

    /** Those whose first row meets a newer one. */
    private List<Course> met(Connection connection, TargetTable table, Collection<Course> courses) throws SQLException {
        Map<Shape, List<Course>> shapes = new LinkedHashMap<>();
        for (Course course : courses) {
            Row row = course.first();
            if (row != null) {
                shapes.computeIfAbsent(new Shape(table, row.schema()), first -> new ArrayList<>())
                        .add(course);
            }
        }
        List<Course> met = new ArrayList<>();
        for (Map.Entry<Shape, List<Course>> each : shapes.entrySet()) {
            List<Row> rows = new ArrayList<>();
            for (Course course : each.getValue()) {
                rows.add(row(course.first()));
            }
            Set<Integer> newer = checks.newer(connection, table, each.getKey().schema(), rows, by(table));
            newer.forEach(place -> met.add(each.getValue().get(place)));
        }
        return met;
    }

    private static Row row(@Nullable Row row) {
        if (row == null) {
            throw new IllegalStateException("no row");
        }
        return row;
    }
}
