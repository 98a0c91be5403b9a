package io.sluice.sink.consume;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableGrowth;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets tables follow their rows: when rows of a shape come that was not met before, and when a value is too wide. Each change
 * is a transaction of its own, so that nobody holds rows while he waits for the whole table. What can't be done is left as it
 * is, for the writer to find. Belongs to one thread.
 */
final class TargetGrowth {

    private static final Logger LOG = LoggerFactory.getLogger(TargetGrowth.class);
    private static final String LOCKED = "55P03";
    private static final Set<String> TOO_WIDE = Set.of("22001", "22003");

    private final Set<TargetTable> followed;
    private final Map<TargetTable, WriteRules> rules;
    private final Runnable altered;
    private final Set<Shape> met = new HashSet<>();

    private record Shape(TargetTable table, RowSchema rows) {}

    /**
     * @param followed the tables that may be altered
     * @param altered told when one was, for whoever knows its shape
     */
    TargetGrowth(Set<TargetTable> followed, Map<TargetTable, WriteRules> rules, Runnable altered) {
        this.altered = altered;
        this.followed = Set.copyOf(followed);
        this.rules = Map.copyOf(rules);
    }

    /** Runs the transaction that does these writes, and once more if a table had to become wider for it. */
    <T> T transaction(TargetSession session, List<Write> writes, TargetSession.Work<T> work)
            throws SQLException, StaleClaimException {
        meet(session, writes);
        try {
            return session.transaction(work);
        } catch (SQLException e) {
            if (!makesRoom(session, writes, e)) {
                throw e;
            }
            return session.transaction(work);
        }
    }

    /** Whether rows of all these shapes came before. */
    boolean hasMet(List<Write> writes) {
        return met.containsAll(shapes(writes));
    }

    /** Alters what the shapes of these rows ask for. */
    void meet(TargetSession session, List<Write> writes) throws SQLException, StaleClaimException {
        for (Shape each : shapes(writes)) {
            if (!met.contains(each) && followed.contains(each.table())) {
                follow(
                        session,
                        each.table(),
                        connection -> TableGrowth.toTake(connection, each.table(), each.rows(), rules(each.table())));
            }
            met.add(each);
        }
    }

    /** Says whether these writes, which have failed so, may pass now that their tables are wider. */
    boolean makesRoom(TargetSession session, List<Write> writes, SQLException error)
            throws SQLException, StaleClaimException {
        return TOO_WIDE.contains(String.valueOf(error.getSQLState())) && hold(session, shapes(writes));
    }

    private static Set<Shape> shapes(List<Write> writes) {
        Set<Shape> shapes = new HashSet<>();
        for (Write write : writes) {
            if (write instanceof Write.Upserts upserts) {
                shapes.add(new Shape(upserts.table(), upserts.schema()));
            } else if (write instanceof Write.Updates updates) {
                shapes.add(new Shape(updates.table(), updates.schema()));
            }
        }
        return shapes;
    }

    /** Which column a value was too wide for is not told; so all of these tables become as wide as their rows. */
    private boolean hold(TargetSession session, Set<Shape> shapes) throws SQLException, StaleClaimException {
        boolean grown = false;
        for (Shape each : shapes) {
            TableGrowth.Look look =
                    connection -> TableGrowth.toHold(connection, each.table(), each.rows(), rules(each.table()));
            TableGrowth growth = followed.contains(each.table())
                    ? follow(session, each.table(), look)
                    : session.transaction(look::at);
            if (growth.isNeeded() && !(followed.contains(each.table()) && growth.isAtHand())) {
                throw new HaltException(
                        "TARGET_UNSUITABLE",
                        "a value does not fit its column, which is narrower than the rows' own"
                                + (growth.large()
                                        ? "; the table is too large to be rewritten without being asked"
                                        : ""),
                        "table " + each.table(),
                        "Run: " + growth.statement());
            }
            grown |= growth.isNeeded();
        }
        return grown;
    }

    private TableGrowth follow(TargetSession session, TargetTable table, TableGrowth.Look look)
            throws SQLException, StaleClaimException {
        try {
            TableGrowth growth = session.transaction(connection -> TableGrowth.follow(connection, look));
            if (growth.isAtHand()) {
                LOG.info("The target follows its source: {}", growth.told());
                altered.run();
            }
            return growth;
        } catch (SQLException e) {
            if (LOCKED.equals(e.getSQLState())) {
                throw new EnvironmentException(
                        "TARGET_LOCKED",
                        "a table is to be altered, and somebody else holds it",
                        "table " + table,
                        "End the transaction that holds it; we try again by ourselves.",
                        e);
            }
            if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                throw e;
            }
            // A view on the column, say.
            LOG.warn("The target can't follow its source ({})", SqlErrors.describe(e));
            return session.transaction(look::at).byOthers();
        }
    }

    private WriteRules rules(TargetTable table) {
        return rules.getOrDefault(table, WriteRules.PLAIN);
    }

    /** The tables may have changed under us. */
    void forget() {
        met.clear();
    }
}
