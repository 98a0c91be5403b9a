package io.sluice.source.engine;

import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.sluice.source.decode.LogChunk;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log and hands it on in chunks: one transaction at a time while the publisher is idle, so that nothing waits, and as
 * much as has arrived, within bounds, while it is busy.
 */
final class LogStream implements ReplicationStream {

    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);

    /** The engine's queue holds a few chunks, so this bounds the memory of a transaction of any size. */
    private static final int CHUNK_BYTES = 256 * 1024;

    private static final long MOST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** For so long after the last message the next one is expected at once. */
    private static final long ALERT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long IDLE_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long KEEP_ALIVE_MILLIS = 5_000;
    private static final String PREFIX = "sluice";
    private static final byte COMMIT = 'C';

    private final Connection connection;
    private final PGReplicationStream stream;
    private final Lsn start;
    private final EngineBridge bridge;
    private final LogChunk chunk = new LogChunk();
    private volatile Lsn lastReceived;
    private long lastMessageNanos = System.nanoTime();
    private @Nullable ExecutorService keepAlive;

    LogStream(Connection connection, PGReplicationStream stream, Lsn start, EngineBridge bridge) {
        this.connection = connection;
        this.stream = stream;
        this.start = start;
        this.bridge = bridge;
        this.lastReceived = start;
    }

    @Override
    public void read(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        readPending(processor);
    }

    /**
     * Always says that something came: it has waited itself, better than its caller would, who sleeps for a fixed time after
     * it was told otherwise.
     */
    @Override
    public boolean readPending(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        ByteBuffer message = await();
        while (message != null) {
            boolean boundary = message.hasRemaining() && message.get(message.position()) == COMMIT;
            chunk.append(message);
            if (chunk.size() >= CHUNK_BYTES
                    || (boundary && bridge.chunksUnderway().get() == 0)) {
                break;
            }
            message = stream.readPending();
        }
        if (chunk.size() > 0) {
            lastMessageNanos = System.nanoTime();
            lastReceived = Lsn.valueOf(stream.getLastReceiveLSN());
            bridge.chunksUnderway().incrementAndGet();
            processor.process(new LogicalDecodingMessage(Operation.MESSAGE, null, null, true, PREFIX, chunk.take()));
        }
        return true;
    }

    /** The driver itself blocks for a millisecond at each look; between looks we rest, the longer the quieter it is. */
    private @Nullable ByteBuffer await() throws SQLException {
        long begin = System.nanoTime();
        ByteBuffer message = stream.readPending();
        while (message == null && System.nanoTime() - begin < MOST_WAIT_NANOS) {
            if (System.nanoTime() - lastMessageNanos > ALERT_NANOS) {
                LockSupport.parkNanos(IDLE_PARK_NANOS);
            }
            message = stream.readPending();
        }
        return message;
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        LogSequenceNumber flushed = lsn.asLogSequenceNumber();
        if (stream.getLastFlushedLSN().compareTo(flushed) < 0) {
            stream.setFlushedLSN(flushed);
            stream.setAppliedLSN(flushed);
        }
        stream.forceUpdateStatus();
    }

    @Override
    public Lsn lastReceivedLsn() {
        return lastReceived;
    }

    @Override
    public Lsn startLsn() {
        return start;
    }

    /** While the queue is full nobody reads, and the server would take us for dead. */
    @Override
    public void startKeepAlive(ExecutorService service) {
        keepAlive = service;
        service.execute(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    TimeUnit.MILLISECONDS.sleep(KEEP_ALIVE_MILLIS);
                    stream.forceUpdateStatus();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (SQLException e) {
                // Whoever reads meets the same, and reports it.
                LOG.debug("The replication stream can't be kept alive", e);
            }
        });
    }

    @Override
    public void stopKeepAlive() {
        ExecutorService service = keepAlive;
        if (service != null) {
            service.shutdownNow();
            keepAlive = null;
        }
    }

    /** Without the farewell of the protocol: the server would have to answer it, and may be out of reach. */
    @Override
    public void close() {
        Connections.abort(connection);
    }
}
