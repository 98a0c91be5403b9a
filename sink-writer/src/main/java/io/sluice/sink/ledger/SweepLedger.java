package io.sluice.sink.ledger;

import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.ledger.OpenSweep.State;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far the sweeps of one service are. Every method works inside the transaction that the caller has begun on that connection;
 * what changes anything, with {@link SeenTable#seize}.
 */
public final class SweepLedger {

    // A load whose marks are not all there yet is nobody's business here.
    private static final String OPEN =
            """
            SELECT l.number, l.load, l.state, l.reached, l.skipped, l.swept, s.target_schema, s.target_table,
                   l.source, l.topic_id
            FROM sluice.load l JOIN sluice.seen s ON s.number = l.seen
            WHERE l.pipeline = ? AND l.service = ? AND l.rests_to <= now() AND (l.state IN ('sweeping', 'emptying') OR l.state = 'recording'
              AND l.marks = (SELECT count(*) FROM sluice.load_mark m WHERE m.load = l.number AND m.ended))
            """;

    private final String pipeline;
    private final String service;

    public SweepLedger(String pipeline, String service) {
        this.pipeline = pipeline;
        this.service = service;
    }

    /** Every load that there is something left to do for. */
    public List<OpenSweep> open(Connection connection) throws SQLException {
        return query(connection, OPEN + " ORDER BY l.number", null);
    }

    /** The load as it stands now; empty if there is nothing left to do. */
    public Optional<OpenSweep> again(Connection connection, OpenSweep sweep) throws SQLException {
        return query(connection, OPEN + " AND l.number = ? FOR UPDATE OF l", sweep.number()).stream()
                .findFirst();
    }

    private List<OpenSweep> query(Connection connection, String sql, @Nullable Long number) throws SQLException {
        List<OpenSweep> open = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            if (number != null) {
                query.setLong(3, number);
            }
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    TargetTable table = new TargetTable(found.getString(7), found.getString(8));
                    Optional<SeenTable> seen = SeenTable.find(connection, pipeline, service, table);
                    if (seen.isPresent()) {
                        open.add(read(found, seen.get()));
                    }
                }
            }
        }
        return open;
    }

    private static OpenSweep read(ResultSet found, SeenTable seen) throws SQLException {
        State state =
                switch (found.getString(3)) {
                    case "sweeping" -> State.SWEEPING;
                    case "emptying" -> State.EMPTYING;
                    default -> State.WHOLE;
                };
        Array reached = found.getArray(4);
        return new OpenSweep(
                found.getLong(1),
                found.getString(2),
                found.getString(9),
                found.getString(10),
                seen,
                state,
                reached == null ? null : List.of((String[]) reached.getArray()),
                found.getLong(5),
                found.getLong(6));
    }

    /** A piece of the sweep is done: this many rows are gone, and this many more could not go. */
    public void swept(Connection connection, OpenSweep sweep, @Nullable List<String> reached, long gone, long skipped)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.load SET state = 'sweeping', reached = ?, "
                        + "swept = swept + ?, swept_now = swept_now + ?, skipped = skipped + ? WHERE number = ?")) {
            update.setArray(1, reached == null ? null : connection.createArrayOf("text", reached.toArray()));
            update.setLong(2, gone);
            update.setLong(3, gone);
            update.setLong(4, skipped);
            update.setLong(5, sweep.number());
            update.executeUpdate();
        }
    }

    /** The end of the table is reached, and rows were skipped: from the beginning again, after a while. */
    public void passAgain(Connection connection, OpenSweep sweep) throws SQLException {
        String fruitless = "CASE WHEN swept_now > 0 THEN 0 ELSE least(fruitless + 1, 8) END";
        update(
                connection,
                "UPDATE sluice.load SET reached = NULL, skipped = 0, swept_now = 0, fruitless = " + fruitless
                        + ", rests_to = now() + make_interval(secs => 2 ^ (" + fruitless + ")) WHERE number = ?",
                sweep);
    }

    /** Nothing unseen is left: the keys are not needed any more. */
    public void sweptWhole(Connection connection, OpenSweep sweep) throws SQLException {
        update(connection, "UPDATE sluice.load SET state = 'emptying', reached = NULL WHERE number = ?", sweep);
    }

    public void emptied(Connection connection, OpenSweep sweep, List<String> reached) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE sluice.load SET reached = ? WHERE number = ?")) {
            update.setArray(1, connection.createArrayOf("text", reached.toArray()));
            update.setLong(2, sweep.number());
            update.executeUpdate();
        }
    }

    /** The load is closed; its record stays, so that a late marker of it is known for what it is. */
    public void done(Connection connection, OpenSweep sweep) throws SQLException {
        update(
                connection,
                "UPDATE sluice.load SET state = 'done', reached = NULL, done_at = now() WHERE number = ?",
                sweep);
        update(connection, "DELETE FROM sluice.load_mark WHERE load = ?", sweep);
    }

    private static void update(Connection connection, String sql, OpenSweep sweep) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, sweep.number());
            update.executeUpdate();
        }
    }
}
