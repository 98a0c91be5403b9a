package io.sluice.sink;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

/** Looks at a target's books again and again, each time in one snapshot, and counts what no source transaction has left so. */
final class BookReader implements AutoCloseable {

    private final SinkRig rig;
    private final Thread thread = new Thread(this::run, "book-reader");
    private volatile boolean stopping;
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong unbalanced = new AtomicLong();
    private final AtomicLong backwards = new AtomicLong();
    private volatile String worst = "";
    private volatile SQLException failure;

    BookReader(SinkRig rig) {
        this.rig = rig;
        thread.start();
    }

    private void run() {
        long last = 0;
        try (Connection connection = rig.connect();
                Statement statement = connection.createStatement()) {
            while (!stopping) {
                try (ResultSet row = statement.executeQuery(DoubleEntry.LOOK)) {
                    row.next();
                    long sum = row.getLong(1);
                    long accounts = row.getLong(2);
                    long transfers = row.getLong(3);
                    boolean balanced = (accounts == 0 || accounts == DoubleEntry.ACCOUNTS)
                            && sum == accounts * DoubleEntry.OPENING
                            && transfers == row.getLong(4)
                            && row.getLong(5) == 0
                            && row.getLong(6) == 0;
                    if (!balanced) {
                        unbalanced.incrementAndGet();
                        worst = sum + " in " + accounts + " accounts, " + transfers + " transfers up to "
                                + row.getLong(4) + ", " + row.getLong(5) + " accounts and " + row.getLong(6)
                                + " transfers at odds";
                    }
                    if (transfers < last) {
                        backwards.incrementAndGet();
                    }
                    last = transfers;
                    looks.incrementAndGet();
                }
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    long looks() {
        return looks.get();
    }

    long unbalanced() {
        return unbalanced.get();
    }

    long backwards() {
        return backwards.get();
    }

    /** What it saw last that was not balanced. */
    String worst() {
        return worst;
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        stopping = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
    }
}
