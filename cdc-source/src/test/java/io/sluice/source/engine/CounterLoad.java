package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Change;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes to a table until it is closed, whatever happens to the server. Each update raises its row's counter, so that the topic
 * must hold every value once and in order.
 */
final class CounterLoad implements AutoCloseable {

    private static final int ROWS = 200;
    private static final long PAUSE_NANOS = 2_000_000;

    private final String url;
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final AtomicLong transactions = new AtomicLong();
    private final Thread thread;

    private CounterLoad(String url) {
        this.url = url;
        this.thread = new Thread(this::run, "counter-load");
    }

    /** Before the capture begins. */
    static void prepare(Capture capture) throws SQLException {
        capture.execute(
                "CREATE TABLE counted (id int PRIMARY KEY, counter int NOT NULL)",
                "INSERT INTO counted SELECT i, 0 FROM generate_series(1, " + ROWS + ") i");
    }

    static CounterLoad on(Capture capture) {
        CounterLoad load = new CounterLoad(capture.database.jdbcUrl());
        load.thread.start();
        return load;
    }

    long transactions() {
        return transactions.get();
    }

    private void run() {
        Random random = new Random(11);
        while (going.get()) {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                while (going.get()) {
                    int from = 1 + random.nextInt(ROWS);
                    int to = from + (random.nextInt(10) == 0 ? 50 : 0);
                    statement.execute(
                            "UPDATE counted SET counter = counter + 1 WHERE id BETWEEN " + from + " AND " + to);
                    transactions.incrementAndGet();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(PAUSE_NANOS * 10);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        going.set(false);
        thread.join();
    }

    /** Whether the topic holds each value that a row ever had, once and in order, up to the one it has now. */
    static void check(Capture capture) throws SQLException {
        Map<Object, Integer> last = new HashMap<>();
        for (Change change : capture.changes("counted")) {
            Change.Upserted upserted = (Change.Upserted) change;
            Object id = Objects.requireNonNull(upserted.after().value("id"));
            int counter = (Integer) Objects.requireNonNull(upserted.after().value("counter"));
            Integer before = last.put(id, counter);
            assertThat(counter).as("row %s", id).isEqualTo(before == null ? 0 : before + 1);
        }
        List<String> seen = last.entrySet().stream()
                .map(each -> each.getKey() + "|" + each.getValue())
                .sorted()
                .toList();
        assertThat(seen)
                .isEqualTo(
                        capture.lines("SELECT * FROM counted").stream().sorted().toList());
    }
}
