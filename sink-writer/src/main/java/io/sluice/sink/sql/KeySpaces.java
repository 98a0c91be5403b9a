package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.sql.KeyOwners.Of;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The numbers that a service's target gives to rows: which column takes them from which sequence.
 *
 * <p>A parent's numbers come from the sequence of its own column, so that what the service inserts itself, once it is in charge,
 * never meets a number that was given before.
 */
public final class KeySpaces {

    private final String pipeline;
    private final String service;

    public KeySpaces(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /**
     * Notes where numbers come from, before there are rows; commits. The target tables have been made before.
     *
     * @return what keeps a column from going on with the numbers that it has
     */
    public List<Finding> prepare(Connection connection, ServiceSpec spec) throws SQLException {
        Map<Of, Of> owners = new KeyOwners(spec.tables()).all();
        return owners.isEmpty() ? List.of() : Preparation.alone(connection, () -> prepare(connection, owners));
    }

    private List<Finding> prepare(Connection connection, Map<Of, Of> owners) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        Set<Integer> behind = new HashSet<>();
        for (Map.Entry<Of, Of> each : owners.entrySet()) {
            Of owner = each.getValue();
            KeySpace space = space(connection, owner);
            if (behind.add(space.space())) {
                putBehind(connection, space, owner);
            }
            if (!register(connection, each.getKey(), space.space())) {
                findings.add(numberedOtherwise(each.getKey(), owner));
            }
        }
        return findings;
    }

    static Finding numberedOtherwise(Of column, Of owner) {
        return Finding.error(
                "table " + column.table() + " column " + column.column(),
                "its rows were numbered together with those of another table than " + owner.table()
                        + ", which the pipeline file has them go with now",
                "Leave that table, and the fields that its key is generated from, as they were. Or begin with empty"
                        + " tables and another name for the pipeline.");
    }

    private KeySpace space(Connection connection, Of owner) throws SQLException {
        String own = "";
        try (PreparedStatement query =
                connection.prepareStatement("SELECT coalesce(pg_get_serial_sequence(?, ?), '')")) {
            query.setString(1, name(owner.table()));
            query.setString(2, owner.column());
            try (ResultSet found = query.executeQuery()) {
                found.next();
                own = found.getString(1);
            }
        }
        int space = space(connection, owner, own);
        if (!own.isEmpty()) {
            return new KeySpace(space, own);
        }
        String made = "sluice.key_numbers_" + space;
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE IF NOT EXISTS " + made);
        }
        return new KeySpace(space(connection, owner, made), made);
    }

    private int space(Connection connection, Of owner, String sequence) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.key_space (pipeline, service, target_schema, target_table, target_column, sequence)"
                        + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, target_schema, target_table, target_column)"
                        + " DO UPDATE SET sequence = EXCLUDED.sequence RETURNING space")) {
            column(insert, owner);
            insert.setString(6, sequence);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** A sequence that was made anew, or rows that have numbers from elsewhere, must not give one number to two. */
    private static void putBehind(Connection connection, KeySpace space, Of owner) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT setval(?::regclass, used.number) FROM ("
                + "SELECT greatest((SELECT max(number) FROM sluice.key_map WHERE space = ?), (SELECT max("
                + Identifiers.quoted(owner.column()) + ") FROM " + name(owner.table()) + ")) AS number) AS used, "
                + space.sequence() + " AS s"
                + " WHERE used.number > s.last_value OR (used.number = s.last_value AND NOT s.is_called)")) {
            query.setString(1, space.sequence());
            query.setInt(2, space.space());
            query.execute();
        }
    }

    /** False if the column has other numbers already. */
    private boolean register(Connection connection, Of column, int space) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.key_column AS c (pipeline, service, target_schema, target_table, target_column, space)"
                        + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, target_schema, target_table, target_column)"
                        + " DO UPDATE SET space = EXCLUDED.space WHERE c.space = EXCLUDED.space"
                        + " OR NOT EXISTS (SELECT FROM sluice.key_map AS k WHERE k.space = c.space)")) {
            column(insert, column);
            insert.setInt(6, space);
            return insert.executeUpdate() == 1;
        }
    }

    private void column(PreparedStatement statement, Of column) throws SQLException {
        statement.setString(1, pipeline);
        statement.setString(2, service);
        statement.setString(3, column.table().schema());
        statement.setString(4, column.table().table());
        statement.setString(5, column.column());
    }

    /** Lets the role that writes the target take numbers; commits. */
    public void grant(Connection connection, String role) throws SQLException {
        Preparation.alone(connection, () -> {
            List<String> grants = missingGrants(connection, role);
            try (Statement statement = connection.createStatement()) {
                for (String grant : grants) {
                    statement.execute(grant);
                }
            }
            return grants;
        });
    }

    /**
     * What a role needs that takes numbers and looks, at each start, where they come from; as statements for when the tables are
     * there.
     */
    public static List<String> grants(String role, ServiceSpec spec) {
        List<String> grants = new ArrayList<>();
        for (Of owner : new LinkedHashSet<>(new KeyOwners(spec.tables()).all().values())) {
            grants.add("DO "
                    + Identifiers.literal("BEGIN EXECUTE 'GRANT USAGE, SELECT ON SEQUENCE ' || coalesce("
                            + "pg_catalog.pg_get_serial_sequence(" + Identifiers.literal(name(owner.table())) + ", "
                            + Identifiers.literal(owner.column()) + "), (SELECT sequence FROM sluice.key_space"
                            + " WHERE target_schema = "
                            + Identifiers.literal(owner.table().schema()) + " AND target_table = "
                            + Identifiers.literal(owner.table().table()) + " AND target_column = "
                            + Identifiers.literal(owner.column()) + " LIMIT 1)) || ' TO ' || "
                            + Identifiers.literal(Identifiers.quoted(role)) + "; END"));
        }
        return grants;
    }

    /** What {@link #grant} would give, as statements. */
    public List<String> missingGrants(Connection connection, String role) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT sequence FROM sluice.key_space WHERE pipeline = ? AND service = ?"
                        + " AND NOT has_sequence_privilege(?, sequence, 'USAGE')")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, role);
            List<String> grants = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    grants.add("GRANT USAGE ON SEQUENCE " + found.getString(1) + " TO " + Identifiers.quoted(role));
                }
            }
            return grants;
        }
    }

    /** Where the table's numbered columns, by name, have their numbers from. */
    Map<String, KeySpace> of(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT c.target_column, s.space, s.sequence FROM sluice.key_column c JOIN sluice.key_space s"
                        + " ON s.space = c.space WHERE c.pipeline = ? AND c.service = ?"
                        + " AND c.target_schema = ? AND c.target_table = ?")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, table.schema());
            query.setString(4, table.table());
            Map<String, KeySpace> spaces = new HashMap<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    spaces.put(found.getString(1), new KeySpace(found.getInt(2), found.getString(3)));
                }
            }
            return spaces;
        }
    }

    /** What gives numbers to the rows' names, a statement for each such column. */
    List<SetStatement> numberings(Connection connection, TargetTable table, RowSchema rows) throws SQLException {
        if (!NumberedColumn.isAmong(rows)) {
            return List.of();
        }
        Map<String, KeySpace> spaces = of(connection, table);
        List<SetStatement> numberings = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Column column = rows.column(i);
            KeySpace space = spaces.get(column.name());
            if (NumberedColumn.is(column) && space == null) {
                throw new HaltException(
                        "TARGET_UNSUITABLE",
                        "nothing says where the numbers of column " + column.name() + " come from",
                        "table " + table,
                        "Start the pipeline with `run`, which prepares its targets anew.");
            }
            if (NumberedColumn.is(column) && space != null) {
                numberings.add(new SetStatement(
                        space.number(), List.of(new SetStatement.Parameter(i, ColumnEncoder.of(column.type(), ',')))));
            }
        }
        return numberings;
    }

    private static String name(TargetTable table) {
        return Identifiers.qualified(table.schema(), table.table());
    }
}
