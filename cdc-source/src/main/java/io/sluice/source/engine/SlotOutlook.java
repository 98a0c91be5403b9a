package io.sluice.source.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Asks PostgreSQL how our slot stands. */
final class SlotOutlook {

    private static final String QUERY =
            """
            SELECT s.active, (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint,
                pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::bigint,
                greatest(0, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.confirmed_flush_lsn))::bigint,
                s.safe_wal_size, s.wal_status
            FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = ?
            """;

    private SlotOutlook() {}

    static SourceOutlook read(Connection connection, String slot) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(QUERY)) {
            query.setString(1, slot);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                boolean followed = row.getBoolean(1);
                OptionalLong behind = number(row, 4);
                boolean lost = "lost".equals(row.getString(6));
                return new SourceOutlook(
                        Optional.of(followed),
                        row.getLong(2),
                        row.getLong(3),
                        behind,
                        number(row, 5),
                        lost ? Optional.of(Duration.ZERO) : Optional.empty());
            }
        }
    }

    private static OptionalLong number(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
}
