package io.sluice.app.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Draws how far the demo is: a table that redraws itself on a terminal, a line now and then elsewhere. */
final class LiveView {

    private static final String ESCAPE = "\u001b[";

    private final boolean terminal;
    private @Nullable Progress last;
    private int drawn;

    LiveView(boolean terminal) {
        this.terminal = terminal;
    }

    /** How long to wait between two looks: a line that scrolls away is worth printing less often. */
    Duration pause() {
        return terminal ? Duration.ofMillis(500) : Duration.ofSeconds(2);
    }

    /** What to print now. */
    String render(Progress progress, long changes) {
        Progress before = last == null ? progress : last;
        last = progress;
        return terminal ? table(before, progress, changes) : line(before, progress, changes);
    }

    /** After something else was printed, the table starts anew below it. */
    void forgetDrawing() {
        drawn = 0;
    }

    private String table(Progress before, Progress now, long changes) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "  %-16s %6s %9s %12s %10s %10s",
                "service",
                "tables",
                "snapshot",
                "rows",
                "rows/s",
                "lag"));
        for (int i = 0; i < now.services().size(); i++) {
            Progress.Service service = now.services().get(i);
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-16s %6d %7d %% %,12d %,10d %10s",
                    service.name(),
                    service.tables(),
                    service.snapshotPercent(),
                    service.rows(),
                    perSecond(
                            before,
                            now,
                            service.rows() - before.services().get(i).rows()),
                    lag(service.lagMillis())));
        }
        lines.add(String.format(Locale.ROOT, "  changes made to the monolith meanwhile: %,d", changes));
        String up = drawn == 0 ? "" : ESCAPE + drawn + "A" + ESCAPE + "J";
        drawn = lines.size();
        return up + String.join("\n", lines) + "\n";
    }

    private static String line(Progress before, Progress now, long changes) {
        int percent = (int) now.services().stream()
                .mapToInt(Progress.Service::snapshotPercent)
                .average()
                .orElse(0);
        long lagMillis = now.services().stream()
                .mapToLong(Progress.Service::lagMillis)
                .max()
                .orElse(-1);
        return String.format(
                Locale.ROOT,
                "snapshot %d %%, %,d rows written, %,d rows/s, lag %s, %,d changes made%n",
                percent,
                now.rows(),
                perSecond(before, now, now.rows() - before.rows()),
                lag(lagMillis),
                changes);
    }

    private static long perSecond(Progress before, Progress now, long count) {
        long millis = now.atMillis() - before.atMillis();
        return millis <= 0 ? 0 : count * 1000 / millis;
    }

    private static String lag(long millis) {
        return millis < 0
                ? "–"
                : millis < 1000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
