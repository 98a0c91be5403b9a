package io.sluice.sink.consume;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.sink.SinkSettings;
import io.sluice.sink.batch.Boundaries;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a strong service's sink does in one turn of its loop: whole transactions of the one partition that has them all, several at
 * once where they are small.
 *
 * <pre>
 *   the backlog holds a whole one ──▶ apply what fits into a batch
 *   it is larger than a few       ──▶ apply it in pieces, reading on where the backlog ends
 *   the backlog is full           ──▶ look for its end, forgetting what is passed; then read it again, in pieces
 * </pre>
 *
 * A transaction is begun at the target only once its end has been seen, so that none stays open there while its rows are on
 * their way. Invariant: unless {@code astray} or searching, the backlog and the consumer go on from the claim's position.
 */
final class OrderedTurn {

    private static final Duration PIECE = Duration.ofMillis(500);

    /** How many batches' worth of one transaction is held and written at once. */
    private static final int WHOLE_BATCHES = 4;

    private final SinkSettings settings;
    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final Assignment assignment;
    private final Backlog backlog;
    private final OrderedApplier applier;
    private final Asides asides;
    private final TargetSession session;
    private final BatchPace pace;
    private final Bounds bounds;
    private final Consumer<Duration> poll;
    private final WriteAttempts attempts = new WriteAttempts();

    private @Nullable Claim known;
    private @Nullable Boundaries search;
    private long largeEnd = -1;
    private boolean astray;
    /** The most records of several transactions at once, less while a bad one is looked for. */
    private int most;
    /** Whether a row that waits for another may still be waited for. */
    private boolean patient = true;

    private long lastMoveNanos = System.nanoTime();
    private long lastLookNanos = System.nanoTime();

    /** @param poll adds what has come to the backlog, unless that is full */
    OrderedTurn(
            SinkSettings settings,
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            Assignment assignment,
            Backlog backlog,
            OrderedApplier applier,
            Asides asides,
            TargetSession session,
            BatchPace pace,
            Bounds bounds,
            Consumer<Duration> poll) {
        this.settings = settings;
        this.most = settings.batchRecords();
        this.consumer = consumer;
        this.assignment = assignment;
        this.backlog = backlog;
        this.applier = applier;
        this.asides = asides;
        this.session = session;
        this.pace = pace;
        this.bounds = bounds;
        this.poll = poll;
    }

    /**
     * Some of the backlog's first records.
     *
     * @param count 0 if no whole transaction is there
     * @param units how many transactions and single rows they are
     */
    private record Chosen(int count, int units) {}

    /**
     * Takes a turn.
     *
     * @param patience how long to wait for records where there is nothing to do
     * @return whether something was applied
     */
    boolean take(Ledger ledger, Duration patience) throws SQLException, StaleClaimException {
        Claim claim = claim();
        if (claim == null) {
            poll.accept(patience);
            return false;
        }
        if (!claim.equals(known)) {
            begin(ledger, claim);
        } else if (astray) {
            rewind(claim);
        }
        asides.step(claim);
        boolean applied = largeEnd >= 0 ? applyLarge(ledger, claim) : takeWhole(ledger, claim, patience);
        lookForLoads(ledger, claim);
        return applied;
    }

    private boolean takeWhole(Ledger ledger, Claim claim, Duration patience) throws SQLException, StaleClaimException {
        if (pace.isOutOfOrder()) {
            // A row waits for another: more of them at once.
            poll.accept(Duration.ZERO);
        }
        Chosen chosen = search == null ? choose(claim) : new Chosen(0, 0);
        if (chosen.count() == 0) {
            return readOn(ledger, claim, patience);
        }
        Backlog.Slice slice = backlog.first(claim.partition(), chosen.count());
        if (chosen.units() == 1 && isLarge(slice)) {
            largeEnd = slice.ends().getOrDefault(claim.partition(), -1L);
            return false;
        }
        return apply(ledger, claim, one(slice), new What(chosen.units(), slice));
    }

    private @Nullable Claim claim() {
        return assignment.claims().values().stream().findFirst().orElse(null);
    }

    private void begin(Ledger ledger, Claim claim) throws SQLException, StaleClaimException {
        if (known == null || known.epoch() != claim.epoch()) {
            applier.lookForLoads(session, ledger, claim);
        }
        known = claim;
        largeEnd = -1;
        if (search != null || astray) {
            rewind(claim);
        }
    }

    /** From the claim's position once more: what came of a transaction that was broken off is not known, or was not kept. */
    private void rewind(Claim claim) {
        search = null;
        astray = false;
        backlog.drop(claim.partition());
        consumer.seek(Assignment.kafka(claim.partition()), claim.position());
    }

    private Chosen choose(Claim claim) {
        Boundaries boundaries = new Boundaries(claim.origins());
        Chosen chosen = new Chosen(0, 0);
        int limit = pace.isOutOfOrder() && patient ? pace.records() : Math.min(pace.records(), most);
        int count = 0;
        long bytes = 0;
        for (ConsumerRecord<byte[], byte[]> record : backlog.of(claim.partition())) {
            count++;
            bytes += Backlog.bytes(record);
            if (chosen.units() > 0 && (count > limit || bytes > settings.batchBytes())) {
                break;
            }
            if (passes(boundaries, record)) {
                chosen = new Chosen(count, chosen.units() + 1);
            }
        }
        return chosen;
    }

    private boolean passes(Boundaries boundaries, ConsumerRecord<byte[], byte[]> record) {
        if (bounds == Bounds.IGNORED) {
            return true;
        }
        TransactionMarker bound = RecordReader.bound(record);
        return boundaries.pass(bound, bound == null ? null : RecordReader.origin(record));
    }

    /** Nothing whole is there. */
    private boolean readOn(Ledger ledger, Claim claim, Duration patience) throws SQLException, StaleClaimException {
        if (search == null && backlog.isEmpty() && isPastMarkers(claim)) {
            long position = consumer.position(Assignment.kafka(claim.partition()));
            Backlog.Slice nothing = new Backlog.Slice(Map.of(), Map.of(claim.partition(), position));
            return apply(ledger, claim, one(nothing), new What(1, nothing));
        }
        if (search == null && isFull()) {
            search = new Boundaries(claim.origins());
        }
        Boundaries searching = search;
        if (searching != null) {
            for (ConsumerRecord<byte[], byte[]> record : backlog.of(claim.partition())) {
                if (passes(searching, record)) {
                    rewind(claim);
                    largeEnd = record.offset() + 1;
                    return false;
                }
            }
            backlog.drop(claim.partition());
        }
        poll.accept(patience);
        return false;
    }

    /** Then nothing whole is waited for any more. */
    private boolean isFull() {
        return backlog.size() > WHOLE_BATCHES * settings.batchRecords()
                || backlog.bytes() > WHOLE_BATCHES * settings.batchBytes();
    }

    /**
     * Whether a transaction is to be written in pieces. That asks more of the target's constraints than to write it at once, so
     * one may be larger than what is made of several; unless that was too much for the target.
     */
    private boolean isLarge(Backlog.Slice slice) {
        int records = WHOLE_BATCHES * pace.records();
        return slice.size() > records || slice.bytes() > WHOLE_BATCHES * settings.batchBytes();
    }

    /** Kafka's own markers are offsets too: "applied to the end" must mean the end. */
    private boolean isPastMarkers(Claim claim) {
        return consumer.position(Assignment.kafka(claim.partition())) > claim.position()
                && System.nanoTime() - lastMoveNanos >= settings.quiet().toNanos();
    }

    private void moved(Claim after) {
        known = after;
        largeEnd = -1;
        lastMoveNanos = System.nanoTime();
        assignment.moved(List.of(after));
        attempts.begin();
        pace.applied();
        patient = true;
        most = Math.min(settings.batchRecords(), most * 2);
    }

    private static OrderedApplier.Pieces one(Backlog.Slice slice) {
        return new OrderedApplier.Pieces() {
            @Override
            public Backlog.Slice next() {
                return slice;
            }

            @Override
            public boolean isOver() {
                return true;
            }
        };
    }

    /** A turn does one of them whole, however long it takes; between its pieces the group is told that we live. */
    private boolean applyLarge(Ledger ledger, Claim claim) throws SQLException, StaleClaimException {
        long end = largeEnd;
        astray = true;
        Backlog.Slice all = new Backlog.Slice(Map.of(), Map.of(claim.partition(), end));
        boolean applied = apply(ledger, claim, new Parts(claim, end), new What(1, all));
        astray = !applied;
        return applied;
    }

    /** What is to be applied at once, for messages: how many transactions and single rows, and where they are. */
    private record What(int units, Backlog.Slice slice) {}

    /** The pieces of one transaction, the first of which stands at the front of the backlog or is read next. */
    private final class Parts implements OrderedApplier.Pieces {

        private final Claim claim;
        private final long end;
        private long reached;

        private Parts(Claim claim, long end) {
            this.claim = claim;
            this.end = end;
            this.reached = claim.position();
        }

        @Override
        public Backlog.Slice next() throws StaleClaimException {
            RowPartition partition = claim.partition();
            backlog.dropBelow(partition, reached);
            while (backlog.of(partition).isEmpty()) {
                poll.accept(PIECE);
                if (!claim.equals(assignment.claims().get(partition))) {
                    // The group gave it to somebody, perhaps to us once more: nothing of this counts.
                    throw new StaleClaimException(List.of(partition));
                }
            }
            int count = 0;
            long bytes = 0;
            for (ConsumerRecord<byte[], byte[]> record : backlog.of(partition)) {
                bytes += Backlog.bytes(record);
                if (record.offset() >= end
                        || (count > 0 && (count >= pace.records() || bytes > settings.batchBytes()))) {
                    break;
                }
                count++;
            }
            Backlog.Slice piece = backlog.first(partition, count);
            asides.check(claim, piece);
            long behind = piece.ends().getOrDefault(partition, end);
            reached = behind;
            return piece;
        }

        @Override
        public boolean isOver() {
            return reached >= end;
        }
    }

    /** Says whether it was applied; if not, it is to be tried again, in another way or fewer at once. */
    private boolean apply(Ledger ledger, Claim claim, OrderedApplier.Pieces pieces, What what)
            throws SQLException, StaleClaimException {
        boolean waits = patient && applier.isLoading();
        WriteOrder order = waits ? pace.order() : attempts.order();
        try {
            asides.settle(claim, what.slice());
            asides.check(claim, what.slice());
            Claim after = applier.apply(session, ledger, claim, pieces, order, attempts.inOrder());
            if (after != null) {
                moved(after);
            }
            return after != null;
        } catch (HaltException e) {
            return lookForBad(ledger, claim, what, e);
        } catch (SQLException e) {
            SqlErrors.Reaction reaction = SqlErrors.reaction(e);
            switch (reaction) {
                case RETRY, SCHEMA -> throw e;
                case ORDER, DATA -> {
                    if (reaction == SqlErrors.Reaction.ORDER && waits) {
                        waitForRows(e);
                    } else if (reaction == SqlErrors.Reaction.DATA || !attempts.next()) {
                        attempts.begin();
                        return lookForBad(ledger, claim, what, refusal(claim, what, e));
                    }
                }
            }
        }
        return false;
    }

    /** While tables of different times stand in the target, what a row needs may not be read yet. */
    private void waitForRows(SQLException error) {
        switch (pace.outOfOrder()) {
            case OTHER_ORDER -> {}
            case MORE_ROWS ->
                throw new EnvironmentException(
                        "ROWS_OUT_OF_ORDER",
                        "a row waits for another that it refers to or collides with (" + SqlErrors.describe(error)
                                + ")",
                        null,
                        "Nothing need be done: it halts if none comes.",
                        null);
            case NONE -> patient = false;
        }
    }

    /**
     * Fewer at once, until the bad one is alone and all before it are applied.
     *
     * @return whether that one is done with, for an operator has had it set aside
     */
    private boolean lookForBad(Ledger ledger, Claim claim, What what, HaltException halt)
            throws SQLException, StaleClaimException {
        if (what.units() > 1) {
            most = Math.max(1, Math.min(most, what.slice().size()) / 2);
            return false;
        }
        Claim after = asides.setAside(ledger, claim, what.slice(), halt);
        if (after == null) {
            throw halt.code().equals(Asides.BLOCKED) ? named(claim, what, halt) : halt;
        }
        moved(after);
        return true;
    }

    private HaltException named(Claim claim, What what, HaltException halt) {
        long end = what.slice().ends().getOrDefault(claim.partition(), claim.position());
        return new HaltException(halt.code(), halt.problem() + transaction(claim, end), halt.place(), halt.remedy());
    }

    private HaltException refusal(Claim claim, What what, SQLException error) {
        long end = what.slice().ends().getOrDefault(claim.partition(), claim.position());
        return new HaltException(
                "TRANSACTION_REFUSED",
                "the target refuses a row" + transaction(claim, end) + " (" + SqlErrors.describe(error) + ")",
                claim.partition() + " offsets " + claim.position() + " to " + (end - 1),
                "Everything before it is applied, and nothing of it. Mend the constraint at the target (or declare it DEFERRABLE, "
                        + "where only its order is in the way), then start again; or have the transaction set aside, whole. See the "
                        + "runbook.");
    }

    /** Of a large one the backlog holds the first piece no more, but its own bounds tell the same. */
    private String transaction(Claim claim, long end) {
        for (ConsumerRecord<byte[], byte[]> record : backlog.of(claim.partition())) {
            TransactionMarker bound = record.offset() < end ? RecordReader.bound(record) : null;
            if (bound != null) {
                return " of transaction " + bound.transaction() + " at position " + bound.position();
            }
        }
        return "";
    }

    /** Sweeps end in their own time, and by any sink of the service. */
    private void lookForLoads(Ledger ledger, Claim claim) throws SQLException, StaleClaimException {
        if (applier.isLoading()
                && System.nanoTime() - lastLookNanos >= settings.sweepLook().toNanos()) {
            lastLookNanos = System.nanoTime();
            applier.lookForLoads(session, ledger, claim);
        }
    }

    void lookAgain() {
        applier.lookAgain();
    }
}
