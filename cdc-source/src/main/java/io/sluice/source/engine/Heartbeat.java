package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes something into the log now and then, so that the slot moves on while our tables are idle. And looks at what a stream
 * can't see of itself: whether the tables are still published, for one that is not would fall silent without a word; whether
 * the server is still there; and whether it still streams, for a line that went dead without a word looks like an idle one.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    /** A stream that starts, or one that is replaced by another, has no session at the server for a while. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    private static final String CONNECTION_FAILED = "08006";

    private final SourceContext context;
    private final List<String> publications;
    private final Set<TableId> loaded;
    private final Consumer<Exception> failed;
    private final ScheduledExecutorService executor;
    private final LogMark mark;
    private final SlotHeadroom headroom;
    private volatile @Nullable Connection connection;

    private boolean complained;
    private boolean warned;
    private long lastBeatNanos = System.nanoTime();
    private long lastAnswerNanos = lastBeatNanos;
    private long lastStreamedNanos = lastBeatNanos;

    Heartbeat(SourceContext context, List<String> publications, Set<TableId> loaded, Consumer<Exception> failed) {
        this.context = context;
        this.publications = List.copyOf(publications);
        this.loaded = Set.copyOf(loaded);
        this.failed = failed;
        this.mark = new LogMark(context);
        this.headroom = new SlotHeadroom(context);
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread =
                    new Thread(task, "sluice-heartbeat-" + context.source().name());
            thread.setDaemon(true);
            return thread;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A look reports its own failures.
    void start() {
        lastAnswerNanos = System.nanoTime();
        lastStreamedNanos = lastAnswerNanos;
        long millis = Math.max(100, Math.min(LOOK.toMillis(), beatMillis()));
        executor.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    private long beatMillis() {
        return context.source().heartbeat().toMillis();
    }

    private void look() {
        try {
            Connection open = connection();
            long now = System.nanoTime();
            // Looks come a little early at times; a beat that is nearly due is not left to the next one.
            if (now - lastBeatNanos >= TimeUnit.MILLISECONDS.toNanos(beatMillis()) * 9 / 10) {
                lastBeatNanos = now;
                beat(open);
            }
            context.publications().check(open, publications, loaded);
            checkSlot(open);
            headroom.look(open);
            lastAnswerNanos = System.nanoTime();
        } catch (HaltException e) {
            failed.accept(e);
        } catch (SQLException e) {
            LOG.debug("No heartbeat (SQLSTATE {})", e.getSQLState());
            drop();
            // What the server itself says is between it and the stream; only its silence is not seen there.
            if (!isConnectionFailure(e)) {
                lastAnswerNanos = System.nanoTime();
            } else if (isOver(lastAnswerNanos)) {
                failed.accept(e);
            }
        } catch (RuntimeException e) {
            // An executor would drop it, and never call again.
            failed.accept(e);
        }
    }

    private static boolean isConnectionFailure(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("08");
    }

    private static boolean isOver(long sinceNanos) {
        return System.nanoTime() - sinceNanos > SILENCE_LIMIT.toNanos();
    }

    private void beat(Connection open) throws SQLException {
        try {
            mark.emit(open);
        } catch (SQLException e) {
            if (isConnectionFailure(e)) {
                throw e;
            }
            complain(open, e);
        }
    }

    /** Once a session: nothing is lost, but the server's disk fills. */
    private void complain(Connection open, SQLException e) throws SQLException {
        if (!complained) {
            complained = true;
            LOG.warn(
                    "Source {} has no heartbeat (SQLSTATE {}): while its tables are idle the server keeps all log for slot"
                            + " {}. Let an administrator run: {}",
                    context.source().name(),
                    e.getSQLState(),
                    context.slotName(),
                    HeartbeatTable.of(context).remedy(open));
        }
    }

    /** A slot that is lost or gone ends the stream by itself, and the next session says why. */
    private void checkSlot(Connection open) throws SQLException {
        Optional<ReplicationSlot.State> slot = context.slot().read(open);
        if (slot.isEmpty() || slot.get().activePid() != null) {
            lastStreamedNanos = System.nanoTime();
        } else if (isOver(lastStreamedNanos)) {
            failed.accept(new SQLException(
                    "the server streams to us no more, and the line did not say so", CONNECTION_FAILED));
        }
        boolean endangered = slot.map(ReplicationSlot.State::isEndangered).orElse(false);
        if (endangered && !warned) {
            LOG.warn(
                    "The server is about to remove log that slot {} still needs: the source is too far behind for"
                            + " max_slot_wal_keep_size.",
                    context.slotName());
        }
        warned = endangered;
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = context.connector().open();
            open.setNetworkTimeout(executor, (int) ANSWER_LIMIT.toMillis());
            SessionSettings.apply(open);
            try (Statement statement = open.createStatement()) {
                statement.execute("SET lock_timeout TO 5000; SET default_transaction_read_only TO off");
            }
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
