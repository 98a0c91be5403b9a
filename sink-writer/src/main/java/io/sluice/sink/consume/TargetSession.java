package io.sluice.sink.consume;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.sink.SinkSettings;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.sql.OriginMark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's one connection, opened when it is needed and again after it broke. Only {@link #abort} may come from another
 * thread.
 *
 * <p>Settings are made anew in each transaction and end with it, so that a pooler between us and the target may give each
 * transaction another session.
 */
final class TargetSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetSession.class);
    private static final int TRANSACTION_TIMEOUT_SINCE = 17;
    private static final int PREPARED_AFTER = 5;
    private static final Executor DIRECTLY = Runnable::run;

    private final PostgresConnector connector;
    private final SinkSettings settings;
    private final @Nullable OriginMark mark;
    private volatile @Nullable Connection connection;
    private volatile boolean aborted;
    private String begin = "";
    /** Whether transactions get sessions of others, so that nothing may be prepared in one for the next. */
    private boolean pooled;

    private boolean prepares;

    /** @param mark what all that is written is marked with; null for nothing */
    TargetSession(PostgresConnector connector, SinkSettings settings, @Nullable OriginMark mark) {
        this.connector = connector;
        this.settings = settings;
        this.mark = mark;
    }

    /** Something to do inside one transaction. */
    interface Work<T> {
        T in(Connection connection) throws SQLException, StaleClaimException;
    }

    /** Does the work and commits; whatever fails, nothing is left open. */
    <T> T transaction(Work<T> work) throws SQLException, StaleClaimException {
        Connection open = connected();
        try {
            begin(open);
            T result = work.in(open);
            open.commit();
            return result;
        } catch (SQLException | StaleClaimException | RuntimeException e) {
            rollBack(open);
            throw e;
        }
    }

    private void begin(Connection open) throws SQLException {
        try (PreparedStatement statement = open.prepareStatement(begin)) {
            // Never one that was prepared: it is what finds out whose session this is.
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            try (ResultSet answer = statement.executeQuery()) {
                answer.next();
                checkSession(open, answer.getInt("session"));
                if (mark != null && !answer.getBoolean("marked")) {
                    drop();
                    throw OriginMark.lost(connector.address());
                }
            }
        }
    }

    /**
     * Behind a pooler the session may be another one than that in which our statements were prepared. Its names for them are every
     * client's, so they could even run somebody else's. So they are prepared only in a session that is known to be our own.
     */
    private void checkSession(Connection open, int session) throws SQLException {
        PGConnection connection = open.unwrap(PGConnection.class);
        if (connection.getBackendPID() == session) {
            if (!pooled) {
                connection.setPrepareThreshold(PREPARED_AFTER);
                prepares = true;
            }
        } else if (prepares) {
            pooled = true;
            drop();
            throw new SQLException("a pooler gave the transaction another session", "08006");
        } else if (!pooled) {
            pooled = true;
            LOG.info("{} is behind a pooler: nothing is prepared there", connector.address());
        }
    }

    private void rollBack(Connection open) {
        try {
            open.rollback();
        } catch (SQLException e) {
            LOG.debug("the target ended the transaction itself (SQLSTATE {})", e.getSQLState());
            drop();
        }
    }

    private Connection connected() throws SQLException {
        Connection known = connection;
        if (known != null) {
            return known;
        }
        Connection opened = connector.open();
        connection = opened;
        if (aborted) {
            drop();
            throw new SQLException("the sink is stopping", "57014");
        }
        try {
            opened.setAutoCommit(false);
            prepares = false;
            // A server that vanished without a word must not keep us for hours; its own limit comes first.
            opened.setNetworkTimeout(
                    DIRECTLY, (int) settings.statement().plusSeconds(5).toMillis());
            begin = begin(opened.getMetaData().getDatabaseMajorVersion());
            if (mark != null) {
                mark.begin(opened);
            }
            return opened;
        } catch (SQLException e) {
            drop();
            throw e;
        }
    }

    private String begin(int version) {
        StringBuilder sql = new StringBuilder("SELECT ");
        local(sql, "idle_in_transaction_session_timeout", millis(settings.idleInTransaction()));
        local(sql, "statement_timeout", millis(settings.statement()));
        local(sql, "lock_timeout", millis(settings.lock()));
        if (version >= TRANSACTION_TIMEOUT_SINCE) {
            // Also ends a writer that froze while it was sending: that one is not idle.
            local(sql, "transaction_timeout", millis(settings.statement().multipliedBy(2)));
        }
        local(sql, "TimeZone", "UTC");
        local(sql, "DateStyle", "ISO, MDY");
        local(sql, "IntervalStyle", "postgres");
        local(sql, "xmloption", "content");
        // Statements over arrays look costlier to the planner than they are; compiling them takes longer than running
        // them.
        local(sql, "jit", "off");
        sql.append("pg_backend_pid() AS session");
        return mark == null
                ? sql.toString()
                : sql.append(", ")
                        .append(OriginMark.question())
                        .append(" AS marked")
                        .toString();
    }

    /**
     * Lets a transaction go on for as long as one may take, from now. For one that is at work: each of its statements and each
     * of its rests has a limit as before.
     */
    void goOn(Connection open) throws SQLException {
        if (open.getMetaData().getDatabaseMajorVersion() >= TRANSACTION_TIMEOUT_SINCE) {
            try (Statement statement = open.createStatement()) {
                // A timer that runs is not set anew.
                statement.execute("SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = "
                        + millis(settings.statement().multipliedBy(2)));
            }
        }
    }

    private static void local(StringBuilder sql, String name, String value) {
        sql.append("set_config('").append(name).append("', '").append(value).append("', true), ");
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    /** Ends the connection; the next transaction opens another. */
    void drop() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("a connection to {} was broken already", connector.address());
            }
        }
    }

    /** Breaks off whatever is going on, for good. */
    void abort() {
        aborted = true;
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(DIRECTLY);
            } catch (SQLException e) {
                LOG.debug("a connection to {} was broken already", connector.address());
            }
        }
    }

    @Override
    public void close() {
        drop();
    }
}
