package io.sluice.source.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** An empty transaction in the log: the stream passes it, and so learns how far the log is. Belongs to one thread. */
final class LogMark {

    private enum Way {
        UNKNOWN,
        MESSAGE,
        TABLE
    }

    private final HeartbeatTable table;
    private Way way = Way.UNKNOWN;

    LogMark(SourceContext context) {
        this.table = HeartbeatTable.of(context);
    }

    /** @param connection one that commits each statement */
    void emit(Connection connection) throws SQLException {
        try {
            write(connection);
        } catch (SQLException e) {
            // What our user may do may have changed.
            way = Way.UNKNOWN;
            throw e;
        }
    }

    private void write(Connection connection) throws SQLException {
        if (way == Way.UNKNOWN) {
            way = HeartbeatTable.isNeeded(connection) ? Way.TABLE : Way.MESSAGE;
            if (way == Way.TABLE) {
                table.prepare(connection);
            }
        }
        if (way == Way.TABLE) {
            table.beat(connection);
            return;
        }
        try (Statement statement = connection.createStatement()) {
            // Transactional: any other message has no place between the bounds of transactions.
            statement.execute("SELECT pg_catalog.pg_logical_emit_message(true, 'sluice', '')");
        }
    }
}
