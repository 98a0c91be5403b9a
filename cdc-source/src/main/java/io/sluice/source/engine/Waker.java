package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.SessionSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes marks into the log while the publishing thread has something to do between two transactions and there may be none:
 * that thread is woken by the log alone.
 */
final class Waker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Waker.class);
    private static final long MILLIS = 100;

    private final PostgresConnector connector;
    private final LogMark mark;
    private final ScheduledExecutorService executor;
    private volatile boolean wanted;
    private @Nullable Connection connection;

    Waker(SourceContext context) {
        this.connector = context.connector();
        this.mark = new LogMark(context);
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sluice-waker-" + context.source().name());
            thread.setDaemon(true);
            return thread;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It reports its own failures.
    void start() {
        executor.scheduleWithFixedDelay(this::wake, 0, MILLIS, TimeUnit.MILLISECONDS);
    }

    void wanted(boolean now) {
        wanted = now;
    }

    private void wake() {
        if (!wanted) {
            drop();
            return;
        }
        try {
            Connection open = connection;
            if (open == null) {
                open = connector.open();
                connection = open;
                SessionSettings.apply(open);
            }
            mark.emit(open);
        } catch (SQLException e) {
            // The stream meets the same trouble and reports it.
            LOG.debug("No mark in the log (SQLSTATE {})", e.getSQLState());
            drop();
        }
    }

    private void drop() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            Connections.abort(open);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (executor.awaitTermination(1, TimeUnit.SECONDS)) {
                drop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
