package io.sluice.sink.consume;

import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.Loads;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.parking.Conflicts;
import io.sluice.sink.parking.Separation.Effect;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Applies one slice of the backlog: rows and ledger in one transaction, or nothing at all. */
final class BatchApplier {

    private final RecordReader reader;
    private final TableWriter writer;
    private final Conflicts conflicts;
    private final LoadRecorder recorder;
    private final TargetGrowth growth;
    private final SinkThread.Work work;
    private final SinkMeter meter;

    BatchApplier(RecordReader reader, TableWriter writer, SinkThread.Work work, SinkMeter meter) {
        this.reader = reader;
        this.writer = writer;
        this.conflicts = new Conflicts(writer.checks(), work.rules());
        this.recorder = new LoadRecorder(writer, work.parentsFirst(), work.unswept());
        this.growth = new TargetGrowth(work.followed(), work.rules(), writer::forget);
        this.work = work;
        this.meter = meter;
    }

    /** What becomes of a slice's rows. */
    interface Rows {

        /** A row of the slice that was not applied before. */
        default void read(ConsumerRecord<byte[], byte[]> record, Incoming incoming) {}

        /** Whether a key that can't be noted is to be left out. */
        default boolean mayBeBad() {
            return false;
        }

        /** @param connection in the transaction that has moved the ledger */
        List<Effect> write(Connection connection, List<Write> writes) throws SQLException;

        default WriteOrder order() {
            return WriteOrder.UPSERTS_FIRST;
        }

        default void committed() {}
    }

    private record Done(List<Effect> effects, Map<TargetTable, Set<Begun.Load>> openLoads) {}

    /**
     * All rows in sets, or nothing.
     *
     * @return the claims as they stand now
     */
    List<Claim> apply(
            TargetSession session,
            Ledger ledger,
            Map<RowPartition, Claim> claims,
            Backlog.Slice slice,
            WriteOrder order)
            throws SQLException, StaleClaimException {
        Conflicts.Reading reading = conflicts.reading();
        return apply(session, ledger, claims, slice, new Rows() {
            @Override
            public void read(ConsumerRecord<byte[], byte[]> record, Incoming incoming) {
                reading.add(incoming.change());
            }

            @Override
            public WriteOrder order() {
                return order;
            }

            @Override
            public List<Effect> write(Connection connection, List<Write> writes) throws SQLException {
                reading.check(connection);
                List<Effect> effects = new ArrayList<>(writes.size());
                for (Write write : writes) {
                    effects.add(new Effect(write, writer.apply(connection, write)));
                }
                return effects;
            }
        });
    }

    /** @return the claims as they stand now */
    List<Claim> apply(
            TargetSession session, Ledger ledger, Map<RowPartition, Claim> claims, Backlog.Slice slice, Rows rows)
            throws SQLException, StaleClaimException {
        long began = System.nanoTime();
        Map<RowPartition, Origins> applied = new HashMap<>();
        Map<RowPartition, Begun> begun = new HashMap<>();
        List<Claim> before = new ArrayList<>();
        for (RowPartition partition : slice.ends().keySet()) {
            Claim claim = claims.get(partition);
            if (claim == null) {
                throw new IllegalStateException("no claim on " + partition);
            }
            before.add(claim);
            applied.put(partition, claim.origins());
            begun.put(partition, claim.begun());
        }
        Batch batch = read(applied, begun, slice, rows);
        List<Claim> after = new ArrayList<>();
        for (Claim claim : before) {
            RowPartition of = claim.partition();
            after.add(claim.movedTo(slice.ends().getOrDefault(of, claim.position()), batch.origins(of)));
        }
        List<Write> writes = batch.writes(work.parentsFirst(), rows.order());
        number(session, writes);
        Done done = growth.transaction(session, writes, connection -> {
            ledger.move(connection, before, after);
            noteComing(connection, ledger, before, batch.loads());
            Map<TargetTable, Set<Begun.Load>> open =
                    recorder.record(connection, ledger.loads(), batch.loads(), topics(before), rows.mayBeBad());
            return new Done(rows.write(connection, writes), open);
        });
        rows.committed();
        done.effects().forEach(meter::did);
        meter.applied(batch.records(), batch.repeats(), batch.lastCommitMicros(), System.nanoTime() - began);
        after.replaceAll(claim -> knowing(claim, batch, done.openLoads()));
        return after;
    }

    private static void noteComing(Connection connection, Ledger ledger, List<Claim> claims, Loads loads)
            throws SQLException {
        if (!loads.bounds().isEmpty()) {
            Map<RowPartition, String> ids = claims.stream().collect(Collectors.toMap(Claim::partition, Claim::topicId));
            ledger.coming().note(connection, loads.bounds(), partition -> Objects.requireNonNull(ids.get(partition)));
        }
    }

    /** Table by table and ahead of the rows, so that another sink that needs the same number waits for next to nothing. */
    private void number(TargetSession session, List<Write> writes) throws SQLException, StaleClaimException {
        for (Write write : writes) {
            if (TableWriter.isNumbered(write)) {
                session.transaction(connection -> {
                    writer.number(connection, write);
                    return write;
                });
            }
        }
    }

    private Claim knowing(Claim claim, Batch batch, Map<TargetTable, Set<Begun.Load>> openLoads) {
        Begun begun = batch.loads().begun(claim.partition());
        TargetTable table = work.tables().get(claim.partition().topic());
        Set<Begun.Load> open = openLoads.get(table);
        return claim.knowing(table == null || open == null ? begun : begun.only(table, open));
    }

    private Map<TargetTable, LoadLedger.Topic> topics(List<Claim> claims) {
        Map<TargetTable, LoadLedger.Topic> topics = new HashMap<>();
        for (Claim claim : claims) {
            TargetTable table = work.tables().get(claim.partition().topic());
            if (table != null) {
                topics.put(
                        table,
                        work.topic(
                                table,
                                claim.topicId(),
                                work.partitionsOf(claim.partition().topic())));
            }
        }
        return topics;
    }

    private Batch read(
            Map<RowPartition, Origins> applied, Map<RowPartition, Begun> begun, Backlog.Slice slice, Rows rows) {
        Batch batch = new Batch(applied, begun, recorder.swept(), work.rules());
        slice.records().forEach((partition, records) -> {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                Incoming incoming = reader.read(partition, record, batch);
                if (incoming != null) {
                    rows.read(record, incoming);
                }
            }
        });
        return batch;
    }

    /** The tables may have changed under us. */
    void lookAgain() {
        writer.forget();
        growth.forget();
    }
}
