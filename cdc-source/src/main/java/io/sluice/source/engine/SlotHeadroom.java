package io.sluice.source.engine;

import io.sluice.source.capture.TimeToLoss;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long the server would keep our slot if nobody read it: what it may still hold, by how fast the log grows of late. */
final class SlotHeadroom {

    private static final double NANOS_PER_SECOND = 1e9;
    /** A burst counts for as much of this as it takes. */
    private static final double MEMORY_SECONDS = TimeUnit.MINUTES.toSeconds(5);

    private final String slot;
    private final TimeToLoss time;
    private long lastNanos;
    private double lastPosition = Double.NaN;
    private double bytesPerSecond = Double.NaN;

    SlotHeadroom(SourceContext context) {
        this.slot = context.slotName();
        this.time = new TimeToLoss(
                context.source().name(),
                "Raise max_slot_wal_keep_size, and find what writes so much.",
                context.progress()::timeToLoss);
    }

    void look(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT safe_wal_size, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')"
                        + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
            query.setString(1, slot);
            try (ResultSet found = query.executeQuery()) {
                if (found.next()) {
                    double safe = found.getDouble(1);
                    observe(found.wasNull() ? null : safe, found.getDouble(2), System.nanoTime());
                }
            }
        }
    }

    /** @param safeBytes what may still be written before the slot is lost; null where there is no limit */
    private void observe(@Nullable Double safeBytes, double position, long nanos) {
        double seconds = (nanos - lastNanos) / NANOS_PER_SECOND;
        if (!Double.isNaN(lastPosition) && seconds > 0) {
            double now = Math.max(0, position - lastPosition) / seconds;
            double before = Double.isNaN(bytesPerSecond) ? now : bytesPerSecond;
            bytesPerSecond = before + (1 - Math.exp(-seconds / MEMORY_SECONDS)) * (now - before);
        }
        lastPosition = position;
        lastNanos = nanos;
        if (safeBytes == null) {
            time.observe(Optional.empty());
        } else if (!Double.isNaN(bytesPerSecond)) {
            time.observe(TimeToLoss.ofSeconds(Math.max(0, safeBytes) / bytesPerSecond));
        }
    }
}
