package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.source.publish.ChangeRecords;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** One connection that reads ranges in the shared snapshot until there are no more. */
final class LoadWorker implements Runnable {

    private static final int BATCH_ROWS = 500;
    private static final int BATCH_BYTES = 512 * 1024;
    /** Keys, values and headers are not all that a record occupies. */
    private static final int RECORD_OVERHEAD_BYTES = 300;

    private final Connection connection;
    private final String snapshot;
    private final CountDownLatch joined;
    private final List<LoadJob> jobs;
    private final LoadHandOver out;
    private final SchemaStore schemas;
    private final int maxRecordBytes;
    private final Provenance provenance;
    private final Map<Integer, Compiled> compiled = new HashMap<>();

    LoadWorker(
            Connection connection,
            String snapshot,
            CountDownLatch joined,
            List<LoadJob> jobs,
            LoadHandOver out,
            SchemaStore schemas,
            int maxRecordBytes,
            Provenance provenance) {
        this.connection = connection;
        this.snapshot = snapshot;
        this.joined = joined;
        this.jobs = jobs;
        this.out = out;
        this.schemas = schemas;
        this.maxRecordBytes = maxRecordBytes;
        this.provenance = provenance;
    }

    private record Compiled(RowTextDecoder decoder, RowSchema keySchema, ChangeRecords records) {}

    @Override
    public void run() {
        try {
            join();
            joined.countDown();
            for (PageRange range = out.nextRange(); range != null; range = out.nextRange()) {
                read(range);
            }
            connection.rollback();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException e) {
            out.fail(e);
        } finally {
            joined.countDown();
        }
    }

    private void join() throws SQLException {
        SessionSettings.apply(connection);
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION SNAPSHOT " + Identifiers.literal(snapshot));
        }
    }

    private void read(PageRange range) throws SQLException, InterruptedException {
        LoadJob job = jobs.get(range.job());
        CopyOut copy = null;
        try {
            Compiled of = compiled.computeIfAbsent(range.job(), at -> compile(job));
            copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(range.copy(job.table()));
            read(range, job, of, copy);
        } catch (HaltException e) {
            out.halt(range.job(), e);
        }
        if (copy != null) {
            Copies.drain(copy);
        }
    }

    private void read(PageRange range, LoadJob job, Compiled of, CopyOut copy)
            throws SQLException, InterruptedException {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(BATCH_ROWS);
        int rows = 0;
        int bytes = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Row row = of.decoder().copyLine(line);
            of.records()
                    .make(new Change.Upserted(job.id(), row.key(of.keySchema()), row, null, provenance), records::add);
            rows++;
            bytes += line.length + RECORD_OVERHEAD_BYTES;
            if (rows == BATCH_ROWS || bytes >= BATCH_BYTES) {
                out.put(range.job(), records, rows, bytes, false);
                if (out.isHalted(range.job())) {
                    return;
                }
                records = new ArrayList<>(BATCH_ROWS);
                rows = 0;
                bytes = 0;
            }
        }
        out.put(range.job(), records, rows, bytes, true);
    }

    private Compiled compile(LoadJob job) {
        RowSchema row = job.table().row();
        return new Compiled(
                new RowTextDecoder(row, "table " + job.id()),
                row.keySchema(),
                ChangeRecords.of(
                        schemas,
                        job.id(),
                        row,
                        job.table().identity() == ReplicaIdentity.FULL,
                        job.topics(),
                        maxRecordBytes));
    }
}
