package io.sluice.sink.sql;

import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How tables refer to one another, as their database knows it. */
public final class ForeignKeys {

    // One that can be deferred asks for no order.
    private static final String REFERENCES =
            """
            SELECT cn.nspname, c.relname, pn.nspname, p.relname
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            WHERE k.contype = 'f' AND NOT k.condeferrable
            """;

    // Deleting a row of such a table, if only to write it anew, changes rows of others.
    private static final String PASSED_ON =
            """
            SELECT EXISTS (
                SELECT FROM pg_catalog.pg_constraint k
                JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
                WHERE k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd') AND n.nspname = ? AND p.relname = ?)
            """;

    private ForeignKeys() {}

    /** These tables, each behind those that it refers to; in the given order where nothing else decides, or they go in circles. */
    public static List<TargetTable> parentsFirst(Connection connection, List<TargetTable> tables) throws SQLException {
        Map<TargetTable, Set<TargetTable>> parents = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(REFERENCES);
                ResultSet found = query.executeQuery()) {
            while (found.next()) {
                parents.computeIfAbsent(
                                new TargetTable(found.getString(1), found.getString(2)), child -> new HashSet<>())
                        .add(new TargetTable(found.getString(3), found.getString(4)));
            }
        }
        return sorted(tables, parents);
    }

    static List<TargetTable> sorted(List<TargetTable> tables, Map<TargetTable, Set<TargetTable>> parents) {
        Set<TargetTable> sorted = new LinkedHashSet<>();
        Set<TargetTable> met = new HashSet<>();
        tables.forEach(table -> visit(table, tables, parents, met, sorted));
        return List.copyOf(sorted);
    }

    private static void visit(
            TargetTable table,
            List<TargetTable> tables,
            Map<TargetTable, Set<TargetTable>> parents,
            Set<TargetTable> met,
            Set<TargetTable> sorted) {
        if (!met.add(table)) {
            return;
        }
        List<TargetTable> first = new ArrayList<>(tables);
        first.retainAll(parents.getOrDefault(table, Set.of()));
        first.forEach(parent -> visit(parent, tables, parents, met, sorted));
        sorted.add(table);
    }

    /** Whether a deleted row of the table takes others with it, or changes them. */
    static boolean passDeletionsOn(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(PASSED_ON)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }
}
