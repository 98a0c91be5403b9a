package io.sluice.sink.sweep;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.ledger.OpenSweep;
import io.sluice.sink.ledger.OpenSweep.State;
import io.sluice.sink.ledger.SweepLedger;
import io.sluice.sink.sql.HolderTable;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sweep.SweepPolicy.Swept;
import io.sluice.sink.sweep.SweepStatements.Piece;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is to be done for loads that are whole or given up, a bounded piece at a time. Belongs to one thread.
 *
 * <p>Children are swept before their parents. A row that something still refers to is left for another pass: its child may be
 * behind it in the same table, or in one whose own load is not over.
 */
public final class Sweeper {

    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

    /** A piece is a range of both tables, which an index gives; statistics of a table that was just filled say otherwise. And while
     * we wait for a lock, whoever writes the table waits for us. */
    private static final String SETTINGS =
            "SET LOCAL enable_seqscan = off; SET LOCAL extra_float_digits = 1; SET LOCAL lock_timeout = 300";

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final SweepLedger ledger;
    private final List<TargetTable> childrenFirst;
    private final Map<TargetTable, Swept> swept;
    private final Holders holders;
    private final int mostRows;
    private final Map<Long, Pace> paces = new HashMap<>();
    private @Nullable OpenSweep current;

    /**
     * A sweeper of one service.
     *
     * @param swept the tables that are swept, and the sources of each: a load that came when the pipeline file said otherwise is
     *     left as it is, for the rows of today were not noted for it
     */
    public Sweeper(
            String pipeline,
            String service,
            List<TargetTable> parentsFirst,
            Map<TargetTable, Swept> swept,
            int mostRows) {
        this.ledger = new SweepLedger(pipeline, service);
        this.childrenFirst = new ArrayList<>(parentsFirst);
        Collections.reverse(childrenFirst);
        this.swept = Map.copyOf(swept);
        this.holders = new Holders(pipeline, service);
        this.mostRows = mostRows;
    }

    /** How a load's sweep fares in this process. Nothing that the next process would need. */
    private static final class Pace {

        private int rows;
        private boolean stuck;
        private boolean said;

        private Pace(int rows) {
            this.rows = rows;
        }
    }

    /**
     * One step.
     *
     * @param deleted rows of the target
     */
    public record Step(TargetTable table, int deleted) {}

    /**
     * Does one step inside the transaction that the caller has begun.
     *
     * @param topicIds of the topics that are read now: what came by another one is not swept
     * @return empty if there is nothing to do for us now
     */
    public Optional<Step> step(Connection connection, Set<String> topicIds) throws SQLException {
        current = null;
        List<OpenSweep> open = new ArrayList<>(ledger.open(connection));
        paces.keySet().retainAll(open.stream().map(OpenSweep::number).toList());
        open.removeIf(sweep -> !isOurs(sweep, topicIds));
        if (open.isEmpty()) {
            return Optional.empty();
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(SETTINGS);
        }
        open.sort(Comparator.comparingInt(
                sweep -> childrenFirst.indexOf(sweep.seen().table())));
        for (OpenSweep sweep : open) {
            if (!sweep.seen().trySweep(connection)) {
                continue;
            }
            sweep.seen().seize(connection);
            Optional<HolderTable> shared = shared(connection, sweep);
            if (shared.isPresent()) {
                shared.get().seize(connection);
            }
            // Only now nobody else can change it, or the rows and keys that it is about.
            Optional<OpenSweep> now = ledger.again(connection, sweep);
            if (now.isPresent()) {
                current = now.get();
                return Optional.of(new Step(sweep.seen().table(), advance(connection, now.get(), shared)));
            }
        }
        return Optional.empty();
    }

    private boolean isOurs(OpenSweep sweep, Set<String> topicIds) {
        Swept table = swept.get(sweep.seen().table());
        return sweep.state() == State.EMPTYING
                || (topicIds.contains(sweep.topicId())
                        && table != null
                        && source(table, sweep).isPresent());
    }

    private static Optional<TableId> source(Swept table, OpenSweep sweep) {
        return table.sources().stream()
                .filter(source -> source.toString().equals(sweep.source()))
                .findFirst();
    }

    /** Who has the rows of the table, where that decides which of them go. */
    private Optional<HolderTable> shared(Connection connection, OpenSweep sweep) throws SQLException {
        TargetTable table = sweep.seen().table();
        Swept of = swept.get(table);
        return of == null || !of.shared() || sweep.state() == State.EMPTYING
                ? Optional.empty()
                : Optional.of(holders.require(connection, table));
    }

    private Pace pace(OpenSweep sweep) {
        return paces.computeIfAbsent(sweep.number(), number -> new Pace(mostRows));
    }

    private int advance(Connection connection, OpenSweep sweep, Optional<HolderTable> shared) throws SQLException {
        SweepStatements statements = new SweepStatements(sweep.seen(), scope(sweep, shared));
        if (sweep.state() == State.EMPTYING) {
            empty(connection, sweep, statements);
            return 0;
        }
        return sweep(connection, sweep, statements);
    }

    private SweepScope scope(OpenSweep sweep, Optional<HolderTable> shared) {
        Swept table = swept.get(sweep.seen().table());
        if (table == null) {
            return SweepScope.WHOLE;
        }
        if (shared.isPresent()) {
            Integer number = shared.get().source(sweep.source());
            if (number == null) {
                throw new IllegalStateException(sweep.source() + " was to be prepared");
            }
            return new SweepScope.Held(shared.get(), number);
        }
        return table.sourceColumn()
                .flatMap(column ->
                        source(table, sweep).<SweepScope>map(source -> new SweepScope.Named(column, source.source())))
                .orElse(SweepScope.WHOLE);
    }

    private int sweep(Connection connection, OpenSweep sweep, SweepStatements statements) throws SQLException {
        Pace pace = pace(sweep);
        Piece piece = statements.ofTarget(connection, sweep.reached(), pace.rows);
        boolean skip = pace.stuck && piece.upTo() != null;
        int gone = skip ? 0 : statements.deleteUnseen(connection, sweep.number(), piece);
        ledger.swept(connection, sweep, piece.upTo() == null ? sweep.reached() : piece.upTo(), gone, skip ? 1 : 0);
        pace.stuck = false;
        pace.rows = Math.min(mostRows, pace.rows * 2);
        if (piece.upTo() == null) {
            endPass(connection, sweep, sweep.swept() + gone);
        }
        return gone;
    }

    private void endPass(Connection connection, OpenSweep sweep, long swept) throws SQLException {
        if (sweep.skipped() > 0) {
            ledger.passAgain(connection, sweep);
            return;
        }
        ledger.sweptWhole(connection, sweep);
        LOG.info("{}: {} rows that load {} did not see are gone", sweep.seen().table(), swept, sweep.load());
    }

    private void empty(Connection connection, OpenSweep sweep, SweepStatements statements) throws SQLException {
        Piece piece = statements.ofSeen(connection, sweep.number(), sweep.reached(), mostRows);
        statements.deleteSeen(connection, sweep.number(), piece);
        if (piece.upTo() == null) {
            ledger.done(connection, sweep);
        } else {
            ledger.emptied(connection, sweep, piece.upTo());
        }
    }

    /**
     * The step failed, and its transaction is over: says whether to go on all the same, later, with a smaller piece or past the
     * one row that is in the way.
     */
    public boolean takes(SQLException error) {
        if (LOCK_NOT_AVAILABLE.equals(error.getSQLState())) {
            return true;
        }
        OpenSweep sweep = current;
        if (sweep == null) {
            return false;
        }
        Pace pace = pace(sweep);
        SqlErrors.Reaction reaction = SqlErrors.reaction(error);
        boolean refused = reaction == SqlErrors.Reaction.ORDER || reaction == SqlErrors.Reaction.DATA;
        pace.stuck = refused && pace.rows == 1;
        pace.rows = Math.max(1, pace.rows / 2);
        if (pace.stuck && !pace.said) {
            pace.said = true;
            LOG.warn(
                    "[SWEEP_BLOCKED] table {}: rows that load {} did not see can't be deleted yet ({}); it is tried again and "
                            + "again, and nothing waits for it. See the runbook if it lasts.",
                    sweep.seen().table(),
                    sweep.load(),
                    SqlErrors.describe(error));
        }
        return refused;
    }
}
