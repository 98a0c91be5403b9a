package io.sluice.source.snapshot;

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
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** One connection that reads ranges in the shared snapshot until there are no more. */
final class LoadWorker implements Runnable {

    private static final int BATCH_ROWS = 500;
    private static final int BATCH_BYTES = 512 * 1024;
    private static final int BYTES_PER_PERMIT = 1024;
    /** Keys, values and headers are not all that a record occupies. */
    private static final int RECORD_OVERHEAD_BYTES = 300;

    private final Connection connection;
    private final String snapshot;
    private final CountDownLatch joined;
    private final List<LoadJob> jobs;
    private final Queue<PageRange> ranges;
    private final SchemaStore schemas;
    private final int maxRecordBytes;
    private final Provenance provenance;
    private final BlockingQueue<LoadBatch> out;
    private final Semaphore permits;
    private final int mostPermits;
    private final Map<Integer, Compiled> compiled = new HashMap<>();

    LoadWorker(
            Connection connection,
            String snapshot,
            CountDownLatch joined,
            List<LoadJob> jobs,
            Queue<PageRange> ranges,
            SchemaStore schemas,
            int maxRecordBytes,
            Provenance provenance,
            BlockingQueue<LoadBatch> out,
            Semaphore permits,
            int mostPermits) {
        this.connection = connection;
        this.snapshot = snapshot;
        this.joined = joined;
        this.jobs = jobs;
        this.ranges = ranges;
        this.schemas = schemas;
        this.maxRecordBytes = maxRecordBytes;
        this.provenance = provenance;
        this.out = out;
        this.permits = permits;
        this.mostPermits = mostPermits;
    }

    private record Compiled(RowTextDecoder decoder, RowSchema keySchema, ChangeRecords records) {}

    @Override
    public void run() {
        try {
            join();
            joined.countDown();
            for (PageRange range = ranges.poll(); range != null; range = ranges.poll()) {
                read(range);
            }
            connection.rollback();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException e) {
            // Unbounded, so that it never waits: the publishing thread must learn of it.
            if (!out.offer(LoadBatch.failed(e))) {
                throw new IllegalStateException("the hand-over takes no failure", e);
            }
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
        Compiled of = compiled.computeIfAbsent(range.job(), at -> compile(job));
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(BATCH_ROWS);
        int rows = 0;
        int bytes = 0;
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(range.copy(job.table()));
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Row row = of.decoder().copyLine(line);
            of.records()
                    .make(new Change.Upserted(job.id(), row.key(of.keySchema()), row, null, provenance), records::add);
            rows++;
            bytes += line.length + RECORD_OVERHEAD_BYTES;
            if (rows == BATCH_ROWS || bytes >= BATCH_BYTES) {
                handOver(range.job(), records, rows, bytes, false);
                records = new ArrayList<>(BATCH_ROWS);
                rows = 0;
                bytes = 0;
            }
        }
        handOver(range.job(), records, rows, bytes, true);
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

    private void handOver(int job, List<ProducerRecord<byte[], byte[]>> records, int rows, int bytes, boolean endsRange)
            throws InterruptedException {
        // A row larger than the bound takes all of it, and so passes alone.
        int needed = Math.min(mostPermits, 1 + bytes / BYTES_PER_PERMIT);
        permits.acquire(needed);
        out.put(new LoadBatch(job, records, rows, needed, endsRange, null));
    }
}
