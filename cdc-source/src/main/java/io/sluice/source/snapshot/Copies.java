package io.sluice.source.snapshot;

import java.sql.SQLException;
import org.postgresql.copy.CopyOut;

/** How a COPY that is no longer wanted ends. */
final class Copies {

    private Copies() {}

    /**
     * Reads it to its end, if it has not ended. One that is cancelled would end the transaction, and with it the snapshot; and
     * an order to cancel may reach the server late, and hit the next statement.
     */
    static void drain(CopyOut copy) throws SQLException {
        if (!copy.isActive()) {
            return;
        }
        byte[] line = copy.readFromCopy();
        while (line != null) {
            line = copy.readFromCopy();
        }
    }
}
