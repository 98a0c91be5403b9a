package io.sluice.sink.ledger;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.sql.KeyTable;
import io.sluice.sink.sql.Preparation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Makes the tables that hold the keys of loads, one for each target table that is swept, before there is a load. */
public final class SeenTables {

    private final String pipeline;
    private final String service;

    public SeenTables(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /**
     * Makes the table for the keys of this target table, unless there is one that suits it; commits.
     *
     * @param key the target's key columns, which a unique index of it is on
     * @return what went wrong in the past and can't be helped here
     */
    public List<Finding> prepare(Connection connection, TargetTable table, List<String> key) throws SQLException {
        return Preparation.alone(connection, () -> prepareLocked(connection, table, key));
    }

    /** Whether this target table was met before. */
    public boolean isKnown(Connection connection, TargetTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT FROM sluice.seen WHERE pipeline = ? "
                + "AND service = ? AND target_schema = ? AND target_table = ?")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, table.schema());
            query.setString(4, table.table());
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    private List<Finding> prepareLocked(Connection connection, TargetTable table, List<String> key)
            throws SQLException {
        List<String> columns = KeyTable.columnsOf(connection, table, key);
        int number = register(connection, table, columns);
        String seen = SeenTable.nameOf(number);
        if (KeyTable.suits(connection, seen, table, columns)) {
            return List.of();
        }
        List<Finding> findings = giveUpLoads(connection, number, table);
        KeyTable.make(
                connection,
                seen,
                "load",
                true,
                table,
                columns,
                "The keys that open loads of " + Identifiers.qualified(table.schema(), table.table())
                        + " have seen; empty where none is open.");
        return findings;
    }

    private int register(Connection connection, TargetTable table, List<String> columns) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.seen (pipeline, service, target_schema, target_table, key_columns) "
                        + "VALUES (?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, target_schema, target_table) "
                        + "DO UPDATE SET key_columns = EXCLUDED.key_columns RETURNING number")) {
            insert.setString(1, pipeline);
            insert.setString(2, service);
            insert.setString(3, table.schema());
            insert.setString(4, table.table());
            insert.setArray(5, connection.createArrayOf("text", columns.toArray()));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** The keys that they saw are not there, or of another shape: to sweep by what is left would delete live rows. */
    private static List<Finding> giveUpLoads(Connection connection, int number, TargetTable table) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.load SET state = 'done', superseded = true, done_at = now() "
                        + "WHERE seen = ? AND state <> 'done' RETURNING load")) {
            update.setInt(1, number);
            try (ResultSet given = update.executeQuery()) {
                while (given.next()) {
                    findings.add(Finding.warning(
                            "table " + table,
                            "its key changed while load " + given.getString(1)
                                    + " was under way, so rows which that load did not see are not removed",
                            "Load the table again."));
                }
            }
        }
        return findings;
    }
}
