package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a message into the log now and then, so that the slot moves on while our tables are idle; and looks whether the tables
 * are still published, for one that is not would fall silent without a word.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final SourceContext context;
    private final Set<TableId> loaded;
    private final Consumer<Exception> failed;
    private final ScheduledExecutorService executor;
    private volatile @Nullable Connection connection;

    Heartbeat(SourceContext context, Set<TableId> loaded, Consumer<Exception> failed) {
        this.context = context;
        this.loaded = Set.copyOf(loaded);
        this.failed = failed;
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread =
                    new Thread(task, "sluice-heartbeat-" + context.source().name());
            thread.setDaemon(true);
            return thread;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A beat reports its own failures.
    void start() {
        long millis = Math.max(100, context.source().heartbeat().toMillis());
        executor.scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void beat() {
        try {
            Connection open = connection();
            try (Statement statement = open.createStatement()) {
                // Transactional: any other message has no place between the bounds of transactions.
                statement.execute("SELECT pg_catalog.pg_logical_emit_message(true, 'sluice', '')");
            }
            context.publications().check(open, loaded);
        } catch (HaltException e) {
            failed.accept(e);
        } catch (SQLException e) {
            // The stream meets the same trouble and reports it.
            LOG.debug("No heartbeat (SQLSTATE {})", e.getSQLState());
            drop();
        }
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = context.connector().open();
            SessionSettings.apply(open);
            connection = open;
        }
        return open;
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
        drop();
    }
}
