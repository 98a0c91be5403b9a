package io.sluice.sink.timescale;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * The TimescaleDB of a database.
 *
 * @param whole whether it compresses, drops old chunks by itself and keeps aggregates, which the Apache edition does not
 */
record Edition(String version, boolean whole) {

    private static final String INSTALLED =
            """
            SELECT extversion, coalesce(current_setting('timescaledb.license', true), '') <> 'apache'
            FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'
            """;

    private static final String AVAILABLE =
            "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb'";

    /** Empty where the database has not got the extension. */
    static Optional<Edition> of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(INSTALLED)) {
            return found.next() ? Optional.of(new Edition(found.getString(1), found.getBoolean(2))) : Optional.empty();
        }
    }

    /** Whether the server has the extension for its databases. */
    static boolean isAvailable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(AVAILABLE)) {
            return found.next();
        }
    }
}
