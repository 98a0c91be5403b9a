package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Provenance;
import io.sluice.source.publish.TransactionalPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads tables as of one exported snapshot and publishes their rows. The calling thread publishes. */
public final class SnapshotLoad {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotLoad.class);

    private static final int COMMIT_ROWS = 20_000;
    private static final long JOIN_MILLIS = 2_000;

    private final PostgresConnector connector;
    private final int serverVersion;
    private final int workers;
    private final SchemaStore schemas;
    private final int maxRecordBytes;
    private final TransactionalPublisher publisher;
    private final LoadListener listener;

    public SnapshotLoad(
            PostgresConnector connector,
            int serverVersion,
            int workers,
            SchemaStore schemas,
            int maxRecordBytes,
            TransactionalPublisher publisher,
            LoadListener listener) {
        this.connector = connector;
        this.serverVersion = serverVersion;
        this.workers = workers;
        this.schemas = schemas;
        this.maxRecordBytes = maxRecordBytes;
        this.publisher = publisher;
        this.listener = listener;
    }

    /**
     * Reads those tables.
     *
     * @param snapshot an exported snapshot, alive until {@code joined} is called
     * @param joined called once every reader is in the snapshot
     * @param provenance where the rows stand
     */
    public void run(List<LoadJob> jobs, String snapshot, Runnable joined, Provenance provenance)
            throws SQLException, InterruptedException {
        List<PageRange> ranges = new ArrayList<>();
        int[] rangesLeft = new int[jobs.size()];
        try (Connection planner = connector.open()) {
            for (int i = 0; i < jobs.size(); i++) {
                List<PageRange> of =
                        PageRange.of(planner, serverVersion, i, jobs.get(i).table());
                rangesLeft[i] = of.size();
                ranges.addAll(of);
                listener.loading(jobs.get(i).id(), jobs.get(i).table().estimatedRows());
            }
        }
        int count = Math.min(workers, ranges.size());
        LoadHandOver handOver = new LoadHandOver(ranges);
        CountDownLatch latch = new CountDownLatch(count);
        List<Connection> connections = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Connection connection = connector.open();
                connections.add(connection);
                Thread thread = new Thread(
                        new LoadWorker(
                                connection, snapshot, latch, jobs, handOver, schemas, maxRecordBytes, provenance),
                        "sluice-load-" + i);
                thread.setDaemon(true);
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            latch.await();
            joined.run();
            publish(jobs, rangesLeft, handOver);
        } finally {
            end(connections, threads);
        }
    }

    private void publish(List<LoadJob> jobs, int[] rangesLeft, LoadHandOver handOver)
            throws SQLException, InterruptedException {
        long[] rows = new long[jobs.size()];
        int tablesLeft = jobs.size();
        long uncommitted = 0;
        while (tablesLeft > 0) {
            LoadBatch batch = handOver.take();
            HaltException halt = batch.halt();
            if (halt != null) {
                jobs.get(batch.job()).halted().accept(halt);
                publisher.commit();
                tablesLeft--;
                continue;
            }
            rethrow(batch);
            handOver.taken(batch);
            if (handOver.isHalted(batch.job())) {
                continue;
            }
            for (ProducerRecord<byte[], byte[]> record : batch.records()) {
                publisher.send(record);
            }
            LoadJob job = jobs.get(batch.job());
            rows[batch.job()] += batch.rows();
            uncommitted += batch.rows();
            listener.rowsRead(job.id(), batch.rows());
            boolean complete = batch.endsRange() && --rangesLeft[batch.job()] == 0;
            if (complete) {
                job.complete().accept(rows[batch.job()]);
                tablesLeft--;
            }
            if (complete || uncommitted >= COMMIT_ROWS) {
                publisher.commit();
                uncommitted = 0;
            }
            if (complete) {
                listener.loaded(job.id(), rows[batch.job()]);
                LOG.info("Read table {}: {} rows", job.id(), rows[batch.job()]);
            }
        }
    }

    private static void rethrow(LoadBatch batch) throws SQLException {
        Exception failure = batch.failure();
        if (failure instanceof SQLException sql) {
            throw sql;
        }
        if (failure instanceof RuntimeException runtime) {
            throw runtime;
        }
    }

    private static void end(List<Connection> connections, List<Thread> threads) throws InterruptedException {
        threads.forEach(Thread::interrupt);
        for (Connection connection : connections) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("A connection did not end cleanly", e);
            }
        }
        boolean interrupted = Thread.interrupted();
        for (Thread thread : threads) {
            thread.join(JOIN_MILLIS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
