package io.sluice.control.reconcile;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares some rows in plain SQL, by what the file says and without any of the code that maps, decodes or compares rows
 * elsewhere: a wrong mapping can't see itself. What differs is settled by versions, as a {@link Suspicion} is.
 */
final class PlainCheck {

    private static final int ROWS = 1_000;
    private static final int MOST_ROUNDS = 10;

    private final PlainColumns columns;
    private final PostgresTable source;
    private final PostgresTable target;
    private final Session here;
    private final Session there;
    private final boolean versioned;

    /** @param versioned whether the target tells which transaction wrote a row */
    PlainCheck(
            PlainColumns columns,
            PostgresTable source,
            PostgresTable target,
            Session here,
            Session there,
            boolean versioned) {
        this.columns = columns;
        this.source = source;
        this.target = target;
        this.here = here;
        this.there = there;
        this.versioned = versioned;
    }

    /** A row as text. */
    private record Plain(String version, List<String> key, List<@Nullable String> values) {}

    /** @param through whether there is any point in waiting */
    TableReport.Plain run(Proof proof, boolean through) throws InterruptedException {
        Map<List<String>, Plain> wanted = sample();
        Map<List<String>, Plain> found = targetRows(wanted);
        long rows = wanted.size();
        Map<List<String>, Plain> open = differing(wanted, found);
        Set<String> in = new TreeSet<>();
        long different = 0;
        for (int round = 0; through && round < MOST_ROUNDS && !open.isEmpty(); round++) {
            Map<List<String>, Plain> before = found;
            wanted = sourceRows(open);
            if (!proof.await().isThrough()) {
                break;
            }
            found = targetRows(wanted);
            open = differing(wanted, found);
            Map<List<String>, Plain> after = sourceRows(open);
            for (Map.Entry<List<String>, Plain> each : Map.copyOf(open).entrySet()) {
                List<String> key = each.getKey();
                boolean still = version(after.get(key)).equals(each.getValue().version())
                        && version(before.get(key)).equals(version(found.get(key)));
                if (still) {
                    different++;
                    in.addAll(differingColumns(each.getValue(), found.get(key)));
                    open.remove(key);
                }
            }
        }
        return new TableReport.Plain(rows - open.size(), different, in);
    }

    private static String version(@Nullable Plain row) {
        return row == null ? "" : row.version();
    }

    private Map<List<String>, Plain> differing(Map<List<String>, Plain> wanted, Map<List<String>, Plain> found) {
        Map<List<String>, Plain> differing = new LinkedHashMap<>();
        wanted.forEach((key, row) -> {
            Plain other = found.get(key);
            if (other == null ? columns.whole() : !other.values().equals(row.values())) {
                differing.put(key, row);
            }
        });
        return differing;
    }

    private List<String> differingColumns(Plain row, @Nullable Plain other) {
        List<String> names = new ArrayList<>();
        for (int i = 0; other != null && i < columns.others().size(); i++) {
            String one = row.values().get(i);
            if (one == null
                    ? other.values().get(i) != null
                    : !one.equals(other.values().get(i))) {
                names.add(columns.others().get(i).target().name());
            }
        }
        return names;
    }

    /** Some rows from all over the table. */
    private Map<List<String>, Plain> sample() throws InterruptedException {
        long estimate = source.estimatedRows();
        if (estimate > 20L * ROWS) {
            double percent = 100.0 * 3 * ROWS / estimate;
            Map<List<String>, Plain> some = rows(
                    here,
                    atSource() + " FROM " + source.qualifiedName() + " t TABLESAMPLE SYSTEM (" + percent + ") LIMIT "
                            + ROWS);
            if (!some.isEmpty()) {
                return some;
            }
        }
        return rows(here, atSource() + " FROM " + source.qualifiedName() + " t LIMIT " + ROWS);
    }

    private String atSource() {
        return select(PlainColumns.Copy::readAtSource, true);
    }

    private Map<List<String>, Plain> sourceRows(Map<List<String>, Plain> wanted) throws InterruptedException {
        return keyed(here, atSource(), source, wanted, copy -> copy.source().name());
    }

    private Map<List<String>, Plain> targetRows(Map<List<String>, Plain> wanted) throws InterruptedException {
        String select = select(PlainColumns.Copy::readAtTarget, versioned);
        return keyed(there, select, target, wanted, copy -> copy.target().name());
    }

    private String select(Function<PlainColumns.Copy, String> text, boolean withVersion) {
        List<String> selected = new ArrayList<>();
        selected.add(withVersion ? "t.xmin::text" : "''");
        columns.key().forEach(copy -> selected.add(text.apply(copy)));
        columns.others().forEach(copy -> selected.add(text.apply(copy)));
        return "SELECT " + String.join(", ", selected);
    }

    private Map<List<String>, Plain> keyed(
            Session session,
            String select,
            PostgresTable table,
            Map<List<String>, Plain> wanted,
            Function<PlainColumns.Copy, String> name)
            throws InterruptedException {
        if (wanted.isEmpty()) {
            return new HashMap<>();
        }
        List<String> arrays = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < columns.key().size(); i++) {
            int part = i;
            String values = wanted.keySet().stream()
                    .map(key -> Identifiers.literal(key.get(part)))
                    .collect(Collectors.joining(", "));
            arrays.add("unnest(ARRAY[" + values + "]::"
                    + columns.key().get(i).source().declared() + "[])");
            names.add("k" + i);
            conditions.add("t." + Identifiers.quoted(name.apply(columns.key().get(i))) + " = v.k" + i);
        }
        return rows(
                session,
                select + " FROM " + table.qualifiedName() + " t JOIN ROWS FROM (" + String.join(", ", arrays)
                        + ") AS v(" + String.join(", ", names) + ") ON " + String.join(" AND ", conditions));
    }

    private Map<List<String>, Plain> rows(Session session, String query) throws InterruptedException {
        return session.ask(() -> rows(session.seeking(), query));
    }

    private Map<List<String>, Plain> rows(Connection connection, String query) throws SQLException {
        Map<List<String>, Plain> rows = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            while (found.next()) {
                List<String> key = new ArrayList<>();
                List<@Nullable String> values = new ArrayList<>();
                int keys = columns.key().size();
                for (int i = 0; i < keys; i++) {
                    key.add(found.getString(2 + i));
                }
                for (int i = 0; i < columns.others().size(); i++) {
                    values.add(found.getString(2 + keys + i));
                }
                rows.put(key, new Plain(found.getString(1), key, values));
            }
        }
        return rows;
    }
}
