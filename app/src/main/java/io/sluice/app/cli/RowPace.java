package io.sluice.app.cli;

import io.sluice.control.reconcile.Reconciler;
import java.util.Locale;

/** Shows a person how many rows were read, and lets them go by no faster than was asked for. */
final class RowPace implements Reconciler.Progress, AutoCloseable {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long GLANCE_NANOS = 500_000_000L;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Console console;
    private final String table;
    private final int mostPerSecond;
    private final long begunNanos = System.nanoTime();
    private long shownNanos = begunNanos;
    private long rows;

    /** @param mostPerSecond 0: as many as it likes */
    RowPace(Console console, String table, int mostPerSecond) {
        this.console = console;
        this.table = table;
        this.mostPerSecond = mostPerSecond;
    }

    @Override
    public void read(long more) throws InterruptedException {
        rows += more;
        long now = System.nanoTime();
        if (console.terminal() && now - shownNanos > GLANCE_NANOS) {
            shownNanos = now;
            console.err()
                    .printf(
                            Locale.ROOT,
                            CLEAR_LINE + "%s: %,d rows read, %,.0f a second",
                            table,
                            rows,
                            rows * NANOS_PER_SECOND / (now - begunNanos));
            console.err().flush();
        }
        if (mostPerSecond > 0) {
            long dueMillis = rows * 1000 / mostPerSecond - (now - begunNanos) / 1_000_000;
            if (dueMillis > 0) {
                Thread.sleep(dueMillis);
            }
        }
    }

    @Override
    public void close() {
        if (console.terminal()) {
            console.err().print(CLEAR_LINE);
            console.err().flush();
        }
    }
}
