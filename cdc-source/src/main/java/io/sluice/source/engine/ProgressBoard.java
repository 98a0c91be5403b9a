package io.sluice.source.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.StoredOffset;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the stage reports: written by its threads, read by anyone. */
public final class ProgressBoard {

    private static final double NANOS_PER_SECOND = 1e9;

    private final Map<TableId, Entry> entries = new LinkedHashMap<>();
    private final Counter commits;
    private volatile int epoch;
    private volatile StoredOffset stored = new StoredOffset(0, 0);
    private volatile @Nullable Duration timeToLoss;

    public ProgressBoard(MeterRegistry meters, String pipeline, String source, List<TableId> tables) {
        Tags tags = Tags.of("pipeline", pipeline, "source", source);
        this.commits = SourceMetrics.COMMITS.counter(meters, tags);
        SourceMetrics.COMMIT_TIME.gauge(meters, tags, this, board -> board.stored.committedAtMicros() / 1e6);
        SourceMetrics.LOSS.gauge(meters, tags, this, ProgressBoard::secondsToLoss);
        for (TableId table : tables) {
            Tags of = tags.and("table", table.schema() + "." + table.table());
            Entry entry = new Entry(
                    SourceMetrics.CHANGES.counter(meters, of), SourceMetrics.SNAPSHOT_ROWS.counter(meters, of));
            SourceMetrics.HALTED.gauge(meters, of, entry, each -> each.halt == null ? 0 : 1);
            entries.put(table, entry);
        }
    }

    private static final class Entry {
        private final Counter changeCounter;
        private final Counter rowCounter;
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong changes = new AtomicLong();
        private volatile long estimate = -1;
        /** When this process began with the load, and how many rows were read by then. */
        private volatile long begunNanos;

        private volatile long begunRows;
        private volatile double rowsPerSecond;
        private volatile SourceProgress.State state = SourceProgress.State.WAITING;
        private volatile @Nullable SluiceException halt;

        Entry(Counter changeCounter, Counter rowCounter) {
            this.changeCounter = changeCounter;
            this.rowCounter = rowCounter;
        }

        void read(long more) {
            long now = rows.addAndGet(more);
            rowCounter.increment((double) more);
            long nanos = System.nanoTime() - begunNanos;
            rowsPerSecond = nanos <= 0 ? 0 : (now - begunRows) * NANOS_PER_SECOND / nanos;
        }

        SourceProgress.Table snapshot(TableId table) {
            return new SourceProgress.Table(table, state, rows.get(), estimate, rowsPerSecond, changes.get(), halt);
        }
    }

    private Entry entry(TableId table) {
        Entry entry = entries.get(table);
        if (entry == null) {
            throw new IllegalArgumentException("this source does not read " + table);
        }
        return entry;
    }

    /** @param read how many rows a former process has read of this load */
    public void loading(TableId table, long read, long estimate) {
        Entry entry = entry(table);
        entry.rows.set(read);
        entry.begunRows = read;
        entry.begunNanos = System.nanoTime();
        entry.estimate = estimate;
        entry.rowsPerSecond = 0;
        entry.halt = null;
        entry.state = SourceProgress.State.LOADING;
    }

    public void rowsRead(TableId table, long rows) {
        entry(table).read(rows);
    }

    public void loaded(TableId table, long rows) {
        Entry entry = entry(table);
        entry.rows.set(rows);
        entry.estimate = rows;
        entry.state = SourceProgress.State.LOADED;
    }

    /** Every table that is not halted. */
    public void streaming() {
        entries.forEach((table, entry) -> {
            if (entry.state != SourceProgress.State.HALTED) {
                streaming(table);
            }
        });
    }

    public void streaming(TableId table) {
        entry(table).state = SourceProgress.State.STREAMING;
    }

    public void halted(TableId table, SluiceException cause) {
        Entry entry = entry(table);
        entry.halt = cause;
        entry.state = SourceProgress.State.HALTED;
    }

    /** A place to count one table's changes: no look-up for each. */
    public Runnable changeCounter(TableId table) {
        Entry entry = entry(table);
        return () -> {
            entry.changes.incrementAndGet();
            entry.changeCounter.increment();
        };
    }

    public void stored(int newEpoch, StoredOffset offset) {
        epoch = newEpoch;
        stored = offset;
        commits.increment();
    }

    /** How long the server would keep what is still needed; empty where nobody knows, or nothing is removed. */
    public void timeToLoss(Optional<Duration> left) {
        timeToLoss = left.orElse(null);
    }

    private double secondsToLoss() {
        Duration left = timeToLoss;
        return left == null ? Double.NaN : left.toSeconds();
    }

    public SourceProgress snapshot() {
        StoredOffset now = stored;
        return new SourceProgress(
                epoch,
                now.lsn(),
                now.committedAtMicros(),
                timeToLoss,
                entries.entrySet().stream()
                        .map(each -> each.getValue().snapshot(each.getKey()))
                        .toList());
    }
}
