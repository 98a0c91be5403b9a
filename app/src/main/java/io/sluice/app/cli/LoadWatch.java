package io.sluice.app.cli;

import io.sluice.schemas.model.TableId;
import io.sluice.source.engine.SourceProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells how loads go: each table that begins, ends or halts, and now and then how far the others are. */
final class LoadWatch {

    private static final long EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final Supplier<List<SourceProgress.Table>> tables;
    private final Consumer<String> out;
    private final Map<TableId, SourceProgress.State> told = new HashMap<>();
    private long lastNanos = System.nanoTime();

    LoadWatch(Supplier<List<SourceProgress.Table>> tables, Consumer<String> out) {
        this.tables = tables;
        this.out = out;
    }

    void tell() {
        long now = System.nanoTime();
        boolean due = now - lastNanos >= EVERY_NANOS;
        for (SourceProgress.Table table : tables.get()) {
            SourceProgress.State before = told.put(table.table(), table.state());
            if (table.state() != before || (due && table.state() == SourceProgress.State.LOADING)) {
                tell(table, before);
            }
        }
        if (due) {
            lastNanos = now;
        }
    }

    private void tell(SourceProgress.Table table, SourceProgress.@org.jspecify.annotations.Nullable State before) {
        switch (table.state()) {
            case LOADING -> out.accept("table " + table.table() + ": loading" + progress(table));
            case HALTED ->
                out.accept("table " + table.table() + ": halted, the others go on"
                        + (table.halt() == null ? "" : " [" + table.halt().code() + "]"));
            case LOADED -> {
                if (before == SourceProgress.State.LOADING) {
                    out.accept("table " + table.table() + ": loaded, " + Figures.count(table.rowsRead()) + " rows");
                }
            }
            case STREAMING -> {
                if (before == SourceProgress.State.LOADING) {
                    out.accept("table " + table.table() + ": loaded, " + Figures.count(table.rowsRead()) + " rows");
                } else if (before == SourceProgress.State.HALTED) {
                    out.accept("table " + table.table() + ": goes on");
                }
            }
            case WAITING -> {}
        }
    }

    private static String progress(SourceProgress.Table table) {
        if (table.rowsRead() == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder(", ");
        table.percent().ifPresent(percent -> text.append(percent).append(" %, "));
        text.append(Figures.count(table.rowsRead()))
                .append(" rows, ")
                .append(Figures.count((long) table.rowsPerSecond()))
                .append("/s");
        table.timeLeft()
                .ifPresent(left -> text.append(", ").append(Figures.time(left)).append(" left"));
        return text.toString();
    }
}
