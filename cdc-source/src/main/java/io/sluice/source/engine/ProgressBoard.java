package io.sluice.source.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.StoredOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What the stage reports: written by its threads, read by anyone. */
final class ProgressBoard {

    private final Map<TableId, Entry> entries = new LinkedHashMap<>();
    private final Counter commits;
    private volatile int epoch;
    private volatile StoredOffset stored = new StoredOffset(0, 0);

    ProgressBoard(MeterRegistry meters, String pipeline, String source, List<TableId> tables) {
        Tags tags = Tags.of("pipeline", pipeline, "source", source);
        this.commits = meters.counter("sluice.source.commits", tags);
        meters.gauge("sluice.source.commit.time.seconds", tags, this, board -> board.stored.committedAtMicros() / 1e6);
        for (TableId table : tables) {
            Tags of = tags.and("table", table.schema() + "." + table.table());
            entries.put(
                    table,
                    new Entry(
                            meters.counter("sluice.source.changes", of),
                            meters.counter("sluice.source.snapshot.rows", of)));
        }
    }

    private static final class Entry {
        private final Counter changeCounter;
        private final Counter rowCounter;
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong changes = new AtomicLong();
        private volatile long estimate = -1;
        private volatile SourceProgress.State state = SourceProgress.State.WAITING;

        Entry(Counter changeCounter, Counter rowCounter) {
            this.changeCounter = changeCounter;
            this.rowCounter = rowCounter;
        }
    }

    private Entry entry(TableId table) {
        Entry entry = entries.get(table);
        if (entry == null) {
            throw new IllegalArgumentException("this source does not read " + table);
        }
        return entry;
    }

    void loading(TableId table, long estimate) {
        Entry entry = entry(table);
        entry.rows.set(0);
        entry.estimate = estimate;
        entry.state = SourceProgress.State.LOADING;
    }

    void rowsRead(TableId table, long rows) {
        entry(table).rows.addAndGet(rows);
        entry(table).rowCounter.increment((double) rows);
    }

    void loaded(TableId table, long rows) {
        Entry entry = entry(table);
        entry.rows.set(rows);
        entry.estimate = rows;
        entry.state = SourceProgress.State.LOADED;
    }

    void streaming() {
        entries.values().forEach(entry -> entry.state = SourceProgress.State.STREAMING);
    }

    /** A place to count one table's changes: no look-up for each. */
    Runnable changeCounter(TableId table) {
        Entry entry = entry(table);
        return () -> {
            entry.changes.incrementAndGet();
            entry.changeCounter.increment();
        };
    }

    void stored(int newEpoch, StoredOffset offset) {
        epoch = newEpoch;
        stored = offset;
        commits.increment();
    }

    SourceProgress snapshot() {
        StoredOffset now = stored;
        return new SourceProgress(
                epoch,
                now.lsn(),
                now.committedAtMicros(),
                entries.entrySet().stream()
                        .map(each -> new SourceProgress.Table(
                                each.getKey(),
                                each.getValue().state,
                                each.getValue().rows.get(),
                                each.getValue().estimate,
                                each.getValue().changes.get()))
                        .toList());
    }
}
