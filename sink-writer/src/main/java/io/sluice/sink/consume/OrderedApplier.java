package io.sluice.sink.consume;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Loads;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.TransactionTally;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.ledger.LoadingLedger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.ForeignKeys;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Applies whole transactions of a strong service: their rows, the position behind them and the fence in one transaction of the
 * target, piece by piece where they are many.
 */
final class OrderedApplier {

    private final RecordReader reader;
    private final TableWriter writer;
    private final LoadRecorder recorder;
    private final SinkThread.Work work;
    private final SinkMeter meter;
    private final TargetGrowth growth;
    private Set<String> loading = Set.of();
    /** What is being done, for whoever has to make room for it. */
    private List<Write> current = List.of();

    private @Nullable List<TargetTable> parentsFirst;

    OrderedApplier(RecordReader reader, SinkThread.Work work, SinkMeter meter) {
        this.reader = reader;
        this.writer = work.writer();
        this.recorder = new LoadRecorder(writer, work.parentsFirst(), work.unswept());
        this.growth = new TargetGrowth(work.followed(), work.rules(), writer::forget);
        this.work = work;
        this.meter = meter;
    }

    /** What is to be applied at once, in its order. */
    interface Pieces {

        /** The next piece; there is at least one. */
        Backlog.Slice next() throws StaleClaimException;

        /** Whether that was the last one. */
        boolean isOver();
    }

    /** What was done to the target, told to the meter only once it is committed. Holds no rows. */
    private static final class Effects {

        private final Map<TargetTable, int[]> counts = new HashMap<>();
        private int records;
        private int repeats;
        private long lastCommitMicros = Long.MIN_VALUE;

        private void add(Write write, TableWriter.Done done) {
            int[] of = counts.computeIfAbsent(write.table(), table -> new int[3]);
            boolean goes =
                    write instanceof Write.Deletes || write instanceof Write.Marks || write instanceof Write.Emptying;
            of[goes ? 1 : 0] += done.rows();
            of[2] += done.conflicts();
        }

        private void add(Batch batch) {
            records += batch.records();
            repeats += batch.repeats();
            lastCommitMicros = Math.max(lastCommitMicros, batch.lastCommitMicros());
        }
    }

    /**
     * Applies it, or nothing of it.
     *
     * @return the claim as it stands now; null if a table has been altered for it, and it is to be tried again from its beginning
     */
    @Nullable
    Claim apply(TargetSession session, Ledger ledger, Claim claim, Pieces pieces, WriteOrder order, boolean inOrder)
            throws SQLException, StaleClaimException {
        long began = System.nanoTime();
        TransactionTally tally = work.bounds() == Bounds.KEPT ? new TransactionTally() : null;
        Piece first = read(claim, pieces.next(), tally, inOrder);
        boolean single = pieces.isOver();
        if (single && tally != null) {
            tally.requireWhole(claim.partition());
        }
        Effects effects = new Effects();
        current = first.batch().writes(parentsFirst(session), order);
        growth.meet(session, current);
        try {
            Claim after = session.transaction(connection -> {
                // Whoever may not write learns it before it waits for a row or changes one.
                ledger.move(connection, List.of(claim), List.of(single ? first.reached() : claim));
                deferConstraints(connection);
                Claim now = write(connection, ledger, first, effects);
                while (!pieces.isOver()) {
                    session.goOn(connection);
                    Piece more = read(now, pieces.next(), tally, inOrder);
                    current = more.batch().writes(parentsFirst(session), order);
                    if (!growth.hasMet(current)) {
                        throw new UnmetShapeException();
                    }
                    now = write(connection, ledger, more, effects);
                }
                if (!single) {
                    if (tally != null) {
                        tally.requireWhole(claim.partition());
                    }
                    ledger.move(connection, List.of(claim), List.of(now));
                }
                return now;
            });
            report(effects, System.nanoTime() - began);
            return after;
        } catch (UnmetShapeException e) {
            growth.meet(session, current);
            return null;
        } catch (SQLException e) {
            if (!growth.makesRoom(session, current, e)) {
                throw e;
            }
            return null;
        } finally {
            current = List.of();
        }
    }

    /** Rows of a shape came that was not met before, in the midst of a transaction, while which no table is altered. */
    private static final class UnmetShapeException extends RuntimeException {

        private static final long serialVersionUID = 1;

        private UnmetShapeException() {
            super("rows of a shape that was not met before");
        }
    }

    /** @param reached the claim once it is applied */
    private record Piece(Batch batch, Claim reached) {}

    private static long end(Claim claim, Backlog.Slice slice) {
        return slice.ends().getOrDefault(claim.partition(), claim.position());
    }

    private Piece read(Claim claim, Backlog.Slice slice, @Nullable TransactionTally tally, boolean inOrder) {
        RowPartition partition = claim.partition();
        Batch batch = new Batch(
                Map.of(partition, claim.origins()),
                Map.of(partition, claim.begun()),
                recorder.swept(),
                work.rules(),
                tally,
                inOrder);
        for (ConsumerRecord<byte[], byte[]> record : slice.records().getOrDefault(partition, List.of())) {
            reader.read(partition, record, batch);
        }
        return new Piece(batch, claim.movedTo(end(claim, slice), batch.origins(partition)));
    }

    private Claim write(Connection connection, Ledger ledger, Piece piece, Effects effects) throws SQLException {
        Batch batch = piece.batch();
        Map<TargetTable, Set<Begun.Load>> open = noteLoads(connection, ledger, piece.reached(), batch);
        for (Write write : current) {
            effects.add(write, writer.apply(connection, write));
        }
        effects.add(batch);
        Begun begun = batch.loads().begun(piece.reached().partition());
        for (Map.Entry<TargetTable, Set<Begun.Load>> of : open.entrySet()) {
            begun = begun.only(of.getKey(), of.getValue());
        }
        return piece.reached().knowing(begun);
    }

    private Map<TargetTable, Set<Begun.Load>> noteLoads(Connection connection, Ledger ledger, Claim claim, Batch batch)
            throws SQLException {
        List<LoadMarker> bounds =
                batch.loads().bounds().stream().map(Loads.Marked::marker).toList();
        if (!bounds.isEmpty()) {
            ledger.loading(claim.topicId()).note(connection, bounds);
            // Until it is asked again, rather too much than too little.
            Set<String> all = new HashSet<>(loading);
            bounds.forEach(marker -> all.add(marker.table().toString()));
            loading = all;
        }
        Map<TargetTable, LoadLedger.Topic> topics = work.parentsFirst().stream()
                .collect(Collectors.toMap(table -> table, table -> work.topic(table, claim.topicId(), 1)));
        return recorder.record(connection, ledger.loads(), batch.loads(), topics, false);
    }

    /** Those that can be are looked at when all is written; for the others there are other ways to write it. */
    private static void deferConstraints(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET CONSTRAINTS ALL DEFERRED");
        }
    }

    /** In a transaction of its own, once: ahead of the first that needs it. */
    private List<TargetTable> parentsFirst(TargetSession session) throws SQLException, StaleClaimException {
        List<TargetTable> known = parentsFirst;
        if (known == null) {
            known = session.transaction(connection -> ForeignKeys.parentsFirst(connection, work.parentsFirst()));
            parentsFirst = known;
        }
        return known;
    }

    private void report(Effects effects, long nanos) {
        effects.counts.forEach((table, counts) -> {
            meter.upserted(table, counts[0]);
            meter.deleted(table, counts[1]);
            if (counts[2] > 0) {
                meter.conflicts(table, counts[2]);
            }
        });
        meter.applied(effects.records, effects.repeats, effects.lastCommitMicros, nanos);
        meter.loading(loading.size());
    }

    /** Whether tables of different times stand in the target still, as of the last look or since. */
    boolean isLoading() {
        return !loading.isEmpty();
    }

    void lookForLoads(TargetSession session, Ledger ledger, Claim claim) throws SQLException, StaleClaimException {
        LoadingLedger of = ledger.loading(claim.topicId());
        Set<String> found = new HashSet<>(session.transaction(of::loading));
        found.retainAll(work.reads());
        loading = Set.copyOf(found);
        meter.loading(loading.size());
    }

    /** The tables may have changed under us. */
    void lookAgain() {
        writer.forget();
        growth.forget();
        parentsFirst = null;
    }
}
