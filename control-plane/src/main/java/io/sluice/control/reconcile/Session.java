package io.sluice.control.reconcile;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.transform.mapping.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Two connections to one database, which only read: while one goes through a table, the other looks rows up. */
final class Session implements AutoCloseable {

    /** The columns of a unique index over exactly some columns, none of which may be null. */
    private static final String INDEXES =
            """
            SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM pg_catalog.pg_index i
            CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = ?::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
              AND k.place <= i.indnkeyatts
            GROUP BY i.indexrelid HAVING bool_and(a.attnotnull)""";

    private final PostgresConnector connector;
    private final Connection scanning;
    private final Connection seeking;

    private Session(PostgresConnector connector, Connection scanning, Connection seeking) {
        this.connector = connector;
        this.scanning = scanning;
        this.seeking = seeking;
    }

    static Session open(PostgresConnector connector) {
        try {
            Connection scanning = connection(connector);
            try {
                return new Session(connector, scanning, connection(connector));
            } catch (SQLException e) {
                scanning.close();
                throw e;
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private static Connection connection(PostgresConnector connector) throws SQLException {
        Connection connection = connector.open();
        try (Statement statement = connection.createStatement()) {
            SessionSettings.apply(connection);
            statement.execute("SET default_transaction_read_only TO on");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Goes through a table. */
    TableReader scanner(PostgresTable table, RowSchema rows) {
        return new TableReader(connector, scanning, table.qualifiedName(), rows, true);
    }

    /** Goes through a table's keys. */
    TableReader keys(PostgresTable table, RowSchema key) {
        return new TableReader(connector, scanning, table.qualifiedName(), key, false);
    }

    /** Looks rows up, meanwhile too. */
    TableReader seeker(PostgresTable table, RowSchema rows, boolean versioned) {
        return new TableReader(connector, seeking, table.qualifiedName(), rows, versioned);
    }

    Connection seeking() {
        return seeking;
    }

    /** Something that asks this database. */
    interface Question<T> {
        T ask() throws SQLException, InterruptedException;
    }

    <T> T ask(Question<T> question) throws InterruptedException {
        try {
            return question.ask();
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    PostgresTable table(String schema, String table) throws SQLException {
        return new PostgresCatalog(seeking)
                .read(schema, table)
                .orElseThrow(() -> new BadInputException(
                        "RECONCILE_UNFIT",
                        "there is no table " + schema + "." + table,
                        connector.address(),
                        "Check its name, its schema and the rights of our user; a target's tables are made by `run`."));
    }

    SourceTable source(TableId id, PostgresTable table) {
        return new SourceTable(id, table.row(), table.identity() == ReplicaIdentity.FULL);
    }

    /** The columns of an index on exactly these columns, in its order; empty if there is none that can be read by. */
    List<String> indexOrder(PostgresTable table, List<String> columns) throws SQLException {
        try (PreparedStatement query = seeking.prepareStatement(INDEXES)) {
            query.setLong(1, table.oid());
            try (ResultSet indexes = query.executeQuery()) {
                while (indexes.next()) {
                    List<String> order =
                            Arrays.asList((String[]) indexes.getArray(1).getArray());
                    if (Set.copyOf(order).equals(Set.copyOf(columns))) {
                        return order;
                    }
                }
            }
        }
        return List.of();
    }

    @Override
    public void close() {
        for (Connection each : List.of(scanning, seeking)) {
            try {
                each.close();
            } catch (SQLException e) {
                // It only read.
            }
        }
    }
}
