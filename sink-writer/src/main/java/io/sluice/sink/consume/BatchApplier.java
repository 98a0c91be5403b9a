package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Applies one slice of the backlog: rows and ledger in one transaction, or nothing at all. */
final class BatchApplier {

    private final RecordReader reader;
    private final TableWriter writer;
    private final LoadRecorder recorder;
    private final TargetGrowth growth;
    private final SinkThread.Work work;
    private final SinkMeter meter;

    BatchApplier(RecordReader reader, SinkThread.Work work, SinkMeter meter) {
        this.reader = reader;
        this.writer = new TableWriter(work.rules());
        this.recorder = new LoadRecorder(writer, work.parentsFirst(), work.unswept());
        this.growth = new TargetGrowth(work.followed(), work.rules(), writer::forget);
        this.work = work;
        this.meter = meter;
    }

    /** What one write did, told to the meter only once it is committed. */
    private record Effect(Write write, TableWriter.Done done) {}

    private record Done(List<Effect> effects, Map<TargetTable, Set<String>> openLoads) {}

    /** @return the claims as they stand now */
    List<Claim> apply(
            TargetSession session,
            Ledger ledger,
            Map<RowPartition, Claim> claims,
            Backlog.Slice slice,
            WriteOrder order)
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
        Batch batch = read(applied, begun, slice);
        List<Claim> after = new ArrayList<>();
        for (Claim claim : before) {
            RowPartition of = claim.partition();
            after.add(claim.movedTo(slice.ends().getOrDefault(of, claim.position()), batch.origins(of)));
        }
        List<Write> writes = batch.writes(work.parentsFirst(), order);
        Done done = growth.transaction(session, writes, connection -> {
            ledger.move(connection, before, after);
            Map<TargetTable, Set<String>> open =
                    recorder.record(connection, ledger.loads(), batch.loads(), topics(before));
            List<Effect> effects = new ArrayList<>(writes.size());
            for (Write write : writes) {
                effects.add(new Effect(write, writer.apply(connection, write)));
            }
            return new Done(effects, open);
        });
        for (Effect effect : done.effects()) {
            report(effect.write(), effect.done());
        }
        meter.applied(batch.records(), batch.repeats(), batch.lastCommitMicros(), System.nanoTime() - began);
        after.replaceAll(claim -> knowing(claim, batch, done.openLoads()));
        return after;
    }

    private void report(Write write, TableWriter.Done done) {
        if (write instanceof Write.Deletes || write instanceof Write.Marks) {
            meter.deleted(write.table(), done.rows());
        } else {
            meter.upserted(write.table(), done.rows());
        }
        if (done.conflicts() > 0) {
            meter.conflicts(write.table(), done.conflicts());
        }
    }

    private Claim knowing(Claim claim, Batch batch, Map<TargetTable, Set<String>> openLoads) {
        Begun begun = batch.loads().begun(claim.partition());
        TargetTable table = work.tables().get(claim.partition().topic());
        Set<String> open = openLoads.get(table);
        return claim.knowing(table == null || open == null ? begun : begun.only(table, open));
    }

    private Map<TargetTable, LoadLedger.Topic> topics(List<Claim> claims) {
        Map<TargetTable, LoadLedger.Topic> topics = new HashMap<>();
        for (Claim claim : claims) {
            TargetTable table = work.tables().get(claim.partition().topic());
            if (table != null) {
                topics.put(
                        table,
                        new LoadLedger.Topic(
                                table,
                                claim.topicId(),
                                work.partitionsOf(claim.partition().topic())));
            }
        }
        return topics;
    }

    private Batch read(Map<RowPartition, Origins> applied, Map<RowPartition, Begun> begun, Backlog.Slice slice) {
        Batch batch = new Batch(applied, begun, recorder.swept(), work.rules());
        slice.records().forEach((partition, records) -> {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                reader.read(partition, record, batch);
            }
        });
        return batch;
    }

    /** The tables may have changed under us. */
    void lookAgain() {
        writer.forget();
        growth.forget();
    }

    /** Says where the bad row is, and not what is in it: the server's own message would. */
    static HaltException halt(String code, String problem, Backlog.Slice slice, SQLException error, String remedy) {
        String where = slice.records().entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> each.getKey() + " offsets "
                        + each.getValue().get(0).offset() + " to "
                        + each.getValue().get(each.getValue().size() - 1).offset())
                .sorted()
                .collect(Collectors.joining(", "));
        return new HaltException(code, problem + " (" + SqlErrors.describe(error) + ")", where, remedy);
    }
}
