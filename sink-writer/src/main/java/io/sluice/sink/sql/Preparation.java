package io.sluice.sink.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What is made in a target before rows are written: by one process at a time, and whole or not at all. */
public final class Preparation {

    /** Serialises every sink that prepares this database, so that two can't create one table; the number is arbitrary. */
    private static final long LOCK = 0x736c_7569_6365_0001L;

    private Preparation() {}

    /** Something that is done while nobody else prepares. */
    public interface Work<T> {
        T run() throws SQLException;
    }

    /**
     * Does the work while nobody else prepares this database; commits.
     *
     * @param connection in any state but inside a transaction
     */
    public static <T> T alone(Connection connection, Work<T> work) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try {
            lock(connection);
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    /** Held until the transaction ends. */
    static void lock(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK);
            lock.execute();
        }
    }
}
