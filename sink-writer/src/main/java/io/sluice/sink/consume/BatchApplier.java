package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Applies one slice of the backlog: rows and ledger in one transaction, or nothing at all. */
final class BatchApplier {

    private final RecordReader reader;
    private final TableWriter writer = new TableWriter();
    private final List<TargetTable> parentsFirst;
    private final SinkMeter meter;

    BatchApplier(RecordReader reader, List<TargetTable> parentsFirst, SinkMeter meter) {
        this.reader = reader;
        this.parentsFirst = parentsFirst;
        this.meter = meter;
    }

    /** What one write did, told to the meter only once it is committed. */
    private record Effect(Write write, int rows) {}

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
        List<Claim> before = new ArrayList<>();
        for (RowPartition partition : slice.ends().keySet()) {
            Claim claim = claims.get(partition);
            if (claim == null) {
                throw new IllegalStateException("no claim on " + partition);
            }
            before.add(claim);
            applied.put(partition, claim.origins());
        }
        Batch batch = read(applied, slice);
        List<Claim> after = new ArrayList<>();
        for (Claim claim : before) {
            RowPartition of = claim.partition();
            after.add(claim.movedTo(slice.ends().getOrDefault(of, claim.position()), batch.origins(of)));
        }
        List<Write> writes = batch.writes(parentsFirst, order);
        List<Effect> effects = session.transaction(connection -> {
            ledger.move(connection, before, after);
            List<Effect> done = new ArrayList<>(writes.size());
            for (Write write : writes) {
                done.add(new Effect(write, writer.apply(connection, write)));
            }
            return done;
        });
        for (Effect effect : effects) {
            if (effect.write() instanceof Write.Deletes) {
                meter.deleted(effect.write().table(), effect.rows());
            } else {
                meter.upserted(effect.write().table(), effect.rows());
            }
        }
        meter.applied(batch.records(), batch.repeats(), batch.lastCommitMicros(), System.nanoTime() - began);
        return after;
    }

    private Batch read(Map<RowPartition, Origins> applied, Backlog.Slice slice) {
        Batch batch = new Batch(applied);
        slice.records().forEach((partition, records) -> {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                batch.add(reader.read(partition, record));
            }
        });
        return batch;
    }

    /** The tables may have changed under us. */
    void lookAgain() {
        writer.forget();
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
