package io.sluice.source.engine;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * Single updates, transactions of many back to back, COPYs whose rows share one place in the log, deletes and new rows, over
 * tables whose rows carry a counter, their transaction and how many rows that has; and one table without a key.
 */
final class MixedLoad implements AutoCloseable {

    static final int ROWS = 30_000;
    static final String[] TABLES = {"items", "rolls", "notes"};
    static final List<String> COUNTED = List.of("items", "rolls");

    private static final long PAUSE_NANOS = 2_000_000;
    private static final long FIRST_NEW = 1_000_000;

    private final AtomicBoolean going = new AtomicBoolean(true);
    private final Thread thread;

    MixedLoad(String url) {
        this.thread = new Thread(() -> run(url), "load");
        thread.start();
    }

    static void tables(Capture capture) throws SQLException {
        for (String table : COUNTED) {
            capture.execute(
                    "CREATE TABLE " + table
                            + " (id bigint PRIMARY KEY, counter int NOT NULL, tx bigint, size int, body text)",
                    "INSERT INTO " + table + " SELECT i, 1, NULL, NULL, repeat('b', 100) FROM generate_series(1, "
                            + ROWS + ") i");
        }
        capture.execute(
                "CREATE TABLE notes (id bigint, note text)",
                "ALTER TABLE notes REPLICA IDENTITY FULL",
                "INSERT INTO notes SELECT i, 'n' FROM generate_series(1, 2000) i");
    }

    private void run(String url) {
        Random random = new Random(1);
        long next = FIRST_NEW;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long tx = 1; going.get(); tx++) {
                String table = random.nextBoolean() ? "items" : "rolls";
                switch (random.nextInt(12)) {
                    case 0 -> {
                        // Some are larger than what is read from the log at once.
                        int size = random.nextInt(40) == 0 ? 6_000 : 200;
                        copy(connection, table, next, tx, size);
                        next += size;
                    }
                    case 1 -> {
                        int from = random.nextInt(ROWS - 300);
                        statement.execute("UPDATE " + table + " SET counter = counter + 1, tx = " + tx
                                + ", size = (SELECT count(*) FROM " + table + " WHERE id BETWEEN " + from + " AND "
                                + (from + 200) + ") WHERE id BETWEEN " + from + " AND " + (from + 200));
                    }
                    case 2 ->
                        statement.execute("DELETE FROM " + table + " WHERE id = "
                                + (FIRST_NEW + random.nextInt((int) (next - FIRST_NEW + 1))));
                    case 3 ->
                        statement.execute(
                                "UPDATE notes SET note = note || 'x' WHERE id = " + (1 + random.nextInt(2_000)));
                    default ->
                        statement.execute("UPDATE " + table + " SET counter = counter + 1, tx = " + tx
                                + ", size = 1 WHERE id = " + (1 + random.nextInt(ROWS)));
                }
                connection.commit();
                if (random.nextInt(3) > 0) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Connection connection, String table, long first, long tx, int size)
            throws SQLException, IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < size; i++) {
            lines.append(first + i)
                    .append("\t1\t")
                    .append(tx)
                    .append('\t')
                    .append(size)
                    .append("\tcopied\n");
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " FROM STDIN", new StringReader(lines.toString()));
    }

    void stop() throws InterruptedException {
        going.set(false);
        thread.join();
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
