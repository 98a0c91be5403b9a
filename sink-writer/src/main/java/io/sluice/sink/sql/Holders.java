package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tables that say which source tables have the rows of a target table, for a service's targets that share theirs. */
public final class Holders {

    private static final String OF = "pipeline = ? AND service = ? AND target_schema = ? AND target_table = ?";

    private final String pipeline;
    private final String service;

    public Holders(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /**
     * Makes the table for this target, unless there is one that suits it; commits.
     *
     * @param key the target's key columns, which a unique index of it is on
     * @param sources the source tables, as {@link io.sluice.schemas.model.TableId} writes them
     * @return what nobody knows of rows that are there already
     */
    public List<Finding> prepare(Connection connection, TargetTable table, List<String> key, Collection<String> sources)
            throws SQLException {
        return Preparation.alone(connection, () -> prepareLocked(connection, table, key, sources));
    }

    private List<Finding> prepareLocked(
            Connection connection, TargetTable table, List<String> key, Collection<String> sources)
            throws SQLException {
        List<String> columns = KeyTable.columnsOf(connection, table, key);
        Optional<HolderTable> known = find(connection, table);
        if (known.isPresent() && !isEmpty(connection, known.get().name()) && !fits(connection, known.get(), columns)) {
            return List.of(Finding.error(
                    "table " + table,
                    "its key is not what it was when it was noted which of its source tables have its rows",
                    "Give it the key (" + String.join(", ", known.get().keyColumns())
                            + ") back, in this order and with these types; or DROP TABLE "
                            + known.get().name()
                            + ", start again, and load each of its source tables with `sluice backfill`."));
        }
        boolean lost = hasLost(connection, table, sources);
        int number = register(connection, table, columns, sources);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.source (name) SELECT n FROM unnest(?::text[]) AS n ON CONFLICT DO NOTHING")) {
            insert.setArray(1, connection.createArrayOf("text", sources.toArray()));
            insert.executeUpdate();
        }
        String holders = HolderTable.nameOf(number);
        String target = Identifiers.qualified(table.schema(), table.table());
        if (KeyTable.suits(connection, holders, table, columns)) {
            if (lost) {
                forgetOthers(connection, holders, sources);
            }
            return List.of();
        }
        KeyTable.make(
                connection,
                holders,
                "source",
                false,
                table,
                columns,
                "Which source tables have the rows of " + target + ", by their numbers in sluice.source.");
        return isEmpty(connection, target)
                ? List.of()
                : List.of(Finding.warning(
                        "table " + table,
                        "it has rows, and nobody knows which of its source tables they come from: the first one that deletes "
                                + "such a row takes it away, and no load sweeps it",
                        "Load each of its source tables again, with `sluice backfill`."));
    }

    private static boolean fits(Connection connection, HolderTable known, List<String> columns) throws SQLException {
        return known.keyColumns().equals(columns) && KeyTable.suits(connection, known.name(), known.table(), columns);
    }

    /** What a source table had that gives nothing any more does not keep a row from being deleted. */
    private static void forgetOthers(Connection connection, String holders, Collection<String> sources)
            throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + holders
                + " WHERE source <> ALL (SELECT number FROM sluice.source WHERE name = ANY (?))")) {
            delete.setArray(1, connection.createArrayOf("text", sources.toArray()));
            delete.executeUpdate();
        }
    }

    private static boolean isEmpty(Connection connection, String target) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT EXISTS (SELECT FROM " + target + ")")) {
            found.next();
            return !found.getBoolean(1);
        }
    }

    /** Whether one of its sources until now is none any more. */
    private boolean hasLost(Connection connection, TargetTable table, Collection<String> sources) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM sluice.shared WHERE " + OF + " AND NOT sources <@ ?)")) {
            bind(query, table);
            query.setArray(5, connection.createArrayOf("text", sources.toArray()));
            try (ResultSet found = query.executeQuery()) {
                found.next();
                return found.getBoolean(1);
            }
        }
    }

    private int register(Connection connection, TargetTable table, List<String> columns, Collection<String> sources)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sluice.shared (pipeline, service, target_schema, target_table, key_columns, sources) "
                        + "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pipeline, service, target_schema, target_table) "
                        + "DO UPDATE SET key_columns = EXCLUDED.key_columns, sources = EXCLUDED.sources RETURNING number")) {
            bind(insert, table);
            insert.setArray(5, connection.createArrayOf("text", columns.toArray()));
            insert.setArray(6, connection.createArrayOf("text", sources.toArray()));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** Forgets who has the rows of a table that has only one source now, or whose key tells it; commits. */
    public void drop(Connection connection, TargetTable table) throws SQLException {
        Preparation.alone(connection, () -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM sluice.shared WHERE " + OF + " RETURNING number")) {
                bind(delete, table);
                try (ResultSet gone = delete.executeQuery();
                        Statement statement = connection.createStatement()) {
                    while (gone.next()) {
                        statement.execute("DROP TABLE IF EXISTS " + HolderTable.nameOf(gone.getInt(1)));
                    }
                }
            }
            return table;
        });
    }

    /** Empty if none was made for this target table. */
    public Optional<HolderTable> find(Connection connection, TargetTable table) throws SQLException {
        int number;
        List<String> columns;
        try (PreparedStatement query =
                connection.prepareStatement("SELECT number, key_columns FROM sluice.shared WHERE " + OF)) {
            bind(query, table);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                number = found.getInt(1);
                columns = List.of((String[]) found.getArray(2).getArray());
            }
        }
        List<String> types = KeyTable.typesOf(connection, HolderTable.nameOf(number));
        return types.size() == columns.size()
                ? Optional.of(new HolderTable(number, table, columns, types, sources(connection)))
                : Optional.empty();
    }

    /** @throws HaltException if none was made */
    public HolderTable require(Connection connection, TargetTable table) throws SQLException {
        return find(connection, table)
                .orElseThrow(() -> new HaltException(
                        "LEDGER_MISSING",
                        "the table has several sources, and there is no place to note which of them has a row",
                        "table " + table,
                        "Start the pipeline with `run`, which prepares its targets, under a user that may create tables in schema "
                                + "sluice."));
    }

    private static Map<String, Integer> sources(Connection connection) throws SQLException {
        Map<String, Integer> sources = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT name, number FROM sluice.source")) {
            while (found.next()) {
                sources.put(found.getString(1), found.getInt(2));
            }
        }
        return sources;
    }

    private void bind(PreparedStatement statement, TargetTable table) throws SQLException {
        statement.setString(1, pipeline);
        statement.setString(2, service);
        statement.setString(3, table.schema());
        statement.setString(4, table.table());
    }
}
