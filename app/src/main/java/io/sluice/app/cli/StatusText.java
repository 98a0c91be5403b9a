package io.sluice.app.cli;

import io.sluice.control.status.Condition;
import io.sluice.control.status.Lag;
import io.sluice.control.status.PipelineStatus;
import io.sluice.control.status.ServiceStatus;
import io.sluice.control.status.SourceStatus;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/** A pipeline's status as people read it: what is wrong stands where it is wrong, with what to do. */
final class StatusText {

    private static final Duration SHORT = Duration.ofHours(1);

    private final StringBuilder text = new StringBuilder();

    private StatusText() {}

    static String of(PipelineStatus status) {
        StatusText of = new StatusText();
        of.write(status);
        return of.text.toString();
    }

    private void write(PipelineStatus status) {
        line(0, status.name() + ": " + overall(status) + ", at " + status.at().truncatedTo(ChronoUnit.SECONDS));
        if (!status.begun()) {
            return;
        }
        status.sources().forEach(this::source);
        status.services().forEach(this::service);
    }

    private static String overall(PipelineStatus status) {
        if (!status.begun()) {
            return "never run: its topics do not exist";
        }
        return status.condition() == Condition.LIVE
                ? status.isThrough() ? "all that was committed is applied" : "live"
                : status.condition().word().toUpperCase(Locale.ROOT);
    }

    private void source(SourceStatus source) {
        StringBuilder line = new StringBuilder("source ")
                .append(source.name())
                .append(": ")
                .append(word(source.condition()))
                .append(", ")
                .append(
                        source.lagMillis().isEmpty()
                                ? "lag unknown"
                                : source.isPublished()
                                        ? "lag 0 s"
                                        : "lag "
                                                + Figures.seconds(
                                                        source.lagMillis().getAsLong()));
        source.lagBytes()
                .ifPresent(
                        bytes -> line.append(" (").append(Figures.bytes(bytes)).append(" of log)"));
        rate(line, source.perSecond(), "changes");
        source.timeToLoss().ifPresent(left -> line.append(", time to loss ").append(Figures.time(left)));
        line.append(", epoch ").append(source.epoch());
        line(0, line.toString());
        cause(source.cause());
        paused(source.pause());
        source.problem().ifPresent(problem -> line(1, "! " + problem));
        boolean idle = source.condition() != Condition.LIVE && source.condition() != Condition.LOADING;
        if (idle && source.keepsAll()) {
            line(
                    1,
                    "! its server keeps all log until it is read, and may run out of disk: "
                            + source.lagBytes().stream()
                                    .mapToObj(Figures::bytes)
                                    .findFirst()
                                    .orElse("an unknown amount")
                            + " by now");
        }
        source.timeToLoss()
                .filter(left -> left.compareTo(SHORT) < 0)
                .ifPresent(left -> line(
                        1,
                        "! changes will be lost in " + Figures.time(left) + " unless it is read: see the runbook, "
                                + Runbook.of("SLOT_LOST")));
        for (SourceStatus.Table table : source.tables()) {
            if (table.condition() == Condition.LOADING) {
                StringBuilder load = new StringBuilder("table ")
                        .append(table.id())
                        .append(": loading, ")
                        .append(Figures.count(table.rows()))
                        .append(table.estimate() > 0 ? " of about " + Figures.count(table.estimate()) : "")
                        .append(" rows");
                table.percent()
                        .ifPresent(percent -> load.append(", ").append(percent).append(" %"));
                rate(load, table.loadPerSecond(), "rows");
                table.timeLeft()
                        .ifPresent(left ->
                                load.append(", ").append(Figures.time(left)).append(" left"));
                line(1, load.toString());
            } else if (table.condition() != Condition.LIVE) {
                line(
                        1,
                        "table " + table.id() + ": "
                                + (table.condition() == Condition.HALTED
                                        ? "HALTED, the others go on"
                                        : "not read yet"));
                table.cause().ifPresent(why -> explain(2, why));
            }
        }
    }

    private void service(ServiceStatus service) {
        line(0, "service " + service.name() + ": " + word(service.condition()) + (service.strong() ? ", strong" : ""));
        paused(service.pause());
        service.problem().ifPresent(problem -> line(1, "! " + problem));
        hop("transform", service.transform());
        hop("sink", service.sink());
        for (ServiceStatus.Table table : service.tables()) {
            StringBuilder line = new StringBuilder("table ")
                    .append(table.name())
                    .append(": ")
                    .append(word(table.condition()));
            if (!service.strong()) {
                line.append(", to be mapped ")
                        .append(records(table.changes()))
                        .append(", to be written ")
                        .append(records(table.rows()));
            }
            rate(line, table.perSecond(), "rows");
            if (table.parkedKeys() > 0) {
                line.append(", ").append(Figures.count(table.parkedKeys())).append(" parked keys");
            }
            line.append(", ")
                    .append(table.verification()
                            .map(last -> last.verdict() + " at " + last.at().truncatedTo(ChronoUnit.SECONDS))
                            .orElse("never verified"));
            line(1, line.toString());
            if (service.pause().isEmpty()) {
                paused(table.pause());
            }
        }
        if (service.letters().count() > 0) {
            line(
                    1,
                    (service.letters().exact() ? "" : "at least ")
                            + Figures.count(service.letters().count())
                            + " dead letters: `sluice dead-letters list FILE --service " + service.name() + "`");
            service.letters()
                    .byCause()
                    .forEach(cause -> line(
                            2,
                            Figures.count(cause.count()) + " " + cause.reason() + " ["
                                    + cause.code() + "]" + (cause.rule().isEmpty() ? "" : " by rule " + cause.rule())
                                    + ", in the "
                                    + cause.stage()));
        }
    }

    private void hop(String name, ServiceStatus.Hop hop) {
        StringBuilder line = new StringBuilder(name)
                .append(": ")
                .append(word(hop.condition()))
                .append(", ");
        line.append("lag ")
                .append(hop.lag().isKnown() ? Figures.seconds(hop.lag().millis()) + ", " : "")
                .append(records(hop.lag()))
                .append(hop.lag().isKnown() ? " records" : "");
        rate(line, hop.perSecond(), name.equals("sink") ? "rows" : "changes");
        if (hop.condition() == Condition.STOPPED) {
            line.append("; no process runs it");
        }
        line(1, line.toString());
        hop.cause().ifPresent(why -> explain(2, why));
    }

    private void cause(Optional<Cause> cause) {
        cause.ifPresent(why -> explain(1, why));
    }

    private void explain(int depth, Cause why) {
        line(depth, "! " + (why.place() == null ? "" : why.place() + ": ") + why.problem() + " [" + why.code() + "]");
        line(depth, "  " + why.remedy());
        line(depth, "  runbook: " + Runbook.of(why.code()));
    }

    private void paused(Optional<Pause> pause) {
        pause.ifPresent(asked -> line(
                1,
                "paused by " + asked.who() + " since "
                        + Instant.ofEpochMilli(asked.sinceMillis()).truncatedTo(ChronoUnit.SECONDS) + ": "
                        + asked.why()));
    }

    private void line(int depth, String content) {
        text.append("  ".repeat(depth)).append(content).append('\n');
    }

    /** What needs somebody stands out. */
    private static String word(Condition condition) {
        return switch (condition) {
            case LIVE, LOADING -> condition.word();
            default -> condition.word().toUpperCase(Locale.ROOT);
        };
    }

    private static void rate(StringBuilder line, double perSecond, String what) {
        if (perSecond > 0) {
            line.append(String.format(Locale.ROOT, ", %,.1f %s/s", perSecond, what));
        }
    }

    private static String records(Lag lag) {
        return lag.isKnown() ? (lag.exact() ? "" : "at most ") + Figures.count(lag.records()) : "unknown";
    }
}
