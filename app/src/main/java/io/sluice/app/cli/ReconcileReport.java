package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.control.reconcile.Difference;
import io.sluice.control.reconcile.TableReport;
import io.sluice.control.reconcile.TableReport.Counts;
import io.sluice.control.reconcile.TableReport.Verdict;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Comparisons as a person or a program reads them. */
final class ReconcileReport {

    private ReconcileReport() {}

    static String text(TableReport report) {
        StringBuilder text = new StringBuilder(report.name())
                .append(": ")
                .append(verdict(report))
                .append(", as of ")
                .append(report.finished().truncatedTo(ChronoUnit.SECONDS))
                .append('\n');
        text.append(String.format(
                Locale.ROOT,
                "  %,d source rows become %,d target rows%s; %s; %.1f s%n",
                report.counts().source(),
                report.counts().expected(),
                report.counts().target() < 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", the target has %,d",
                                report.counts().target()),
                report.level().equals("full") ? "all were compared" : "a sample was compared",
                report.took().toMillis() / 1000.0));
        counts(report).forEach(line -> text.append("  ").append(line).append('\n'));
        report.notes().forEach(note -> text.append("  ").append(note).append('\n'));
        report.differences().forEach(difference -> text.append(line(difference)));
        long untold = report.counts().missing()
                + report.counts().extra()
                + report.counts().mismatched()
                + report.counts().unsettled()
                - report.differences().size();
        if (untold > 0) {
            text.append(String.format(Locale.ROOT, "  and %,d more: --show N%n", untold));
        }
        if (!report.differences().isEmpty() && report.differences().get(0).values() == null) {
            text.append("  keys and values: --table ").append(report.name()).append(" --values\n");
        }
        return text.toString();
    }

    private static String verdict(TableReport report) {
        Counts counts = report.counts();
        return switch (report.verdict()) {
            case EQUAL -> "equal through " + report.position();
            case EXCEPT ->
                "equal through " + report.position()
                        + String.format(
                                Locale.ROOT,
                                ", except %,d rows whose changes lie aside",
                                counts.rejected() + counts.held());
            case DIFFERENT ->
                String.format(
                        Locale.ROOT,
                        "DIFFERENT: %,d missing, %,d extra, %,d mismatched (rate %.6f)",
                        counts.missing(),
                        counts.extra(),
                        counts.mismatched(),
                        counts.mismatchRate());
            case UNSETTLED ->
                report.behind().isEmpty()
                        ? "not settled: some rows differ, and their source rows were written to all the time"
                        : "not settled: not everything up to " + report.position() + " is applied, behind is "
                                + String.join(", ", report.behind());
        };
    }

    private static List<String> counts(TableReport report) {
        List<String> lines = new ArrayList<>();
        Counts counts = report.counts();
        if (counts.unsettled() > 0) {
            lines.add(String.format(Locale.ROOT, "%,d rows differ and may be on their way", counts.unsettled()));
        }
        if (counts.moving() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%,d rows were written to all the time, on both sides, and never met at rest",
                    counts.moving()));
        }
        if (counts.held() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%,d rows differ because changes of theirs are parked at a dead letter, or wait for another row",
                    counts.held()));
        }
        if (counts.rejected() > 0) {
            lines.add(String.format(
                    Locale.ROOT, "%,d source rows can't be mapped: see the dead letters", counts.rejected()));
        }
        if (counts.allowed() > 0) {
            lines.add(String.format(Locale.ROOT, "%,d rows differ as the file's own rules allow it", counts.allowed()));
        }
        report.plain().ifPresent(plain -> lines.add(plain(plain)));
        return lines;
    }

    private static String plain(TableReport.Plain plain) {
        String read = String.format(
                Locale.ROOT, "%,d rows were also compared in plain SQL, without the mapping: ", plain.rows());
        return plain.different() == 0
                ? read + "equal"
                : read
                        + String.format(
                                Locale.ROOT,
                                "%,d DIFFER%s",
                                plain.different(),
                                plain.columns().isEmpty()
                                        ? ""
                                        : " in " + String.join(", ", new TreeSet<>(plain.columns())));
    }

    private static String line(Difference difference) {
        StringBuilder line = new StringBuilder("  ")
                .append(difference.kind().name().toLowerCase(Locale.ROOT))
                .append(" row ")
                .append(difference.row());
        if (!difference.columns().isEmpty()) {
            line.append(": ").append(String.join(", ", difference.columns()));
        }
        Difference.Values values = difference.values();
        if (values == null) {
            return line.append('\n').toString();
        }
        line.append("\n    key ")
                .append(values.key().stream()
                        .map(value -> value.column() + " = " + shown(value.text()))
                        .collect(Collectors.joining(", ")))
                .append('\n');
        values.columns().forEach(pair -> line.append("    ")
                .append(pair.column())
                .append(": expected ")
                .append(shown(pair.expected()))
                .append(", found ")
                .append(shown(pair.actual()))
                .append('\n'));
        return line.toString();
    }

    private static String shown(@Nullable String text) {
        return text == null ? "null" : '"' + text.replace("\n", "\\n") + '"';
    }

    static String summary(List<TableReport> reports) {
        return String.format(
                Locale.ROOT,
                "%d tables: %d equal, %d equal with exceptions, %d different, %d not settled%n",
                reports.size(),
                count(reports, Verdict.EQUAL),
                count(reports, Verdict.EXCEPT),
                count(reports, Verdict.DIFFERENT),
                count(reports, Verdict.UNSETTLED));
    }

    private static long count(List<TableReport> reports, Verdict verdict) {
        return reports.stream().filter(report -> report.verdict() == verdict).count();
    }

    static String json(List<TableReport> reports) {
        return tree(reports, true).toPrettyString() + "\n";
    }

    /** For keeping: no value of a row. */
    static String withoutValues(TableReport report) {
        return tree(List.of(report), false).toString();
    }

    private static ObjectNode tree(List<TableReport> reports, boolean withValues) {
        ObjectNode root = new JsonMapper().createObjectNode();
        ArrayNode tables = root.putArray("tables");
        for (TableReport report : reports) {
            Counts counts = report.counts();
            ObjectNode table = tables.addObject()
                    .put("table", report.name())
                    .put("verdict", report.verdict().name().toLowerCase(Locale.ROOT))
                    .put("level", report.level())
                    .put("position", report.position())
                    .put("finished", report.finished().toString())
                    .put("millis", report.took().toMillis())
                    .put("sourceRows", counts.source())
                    .put("expectedRows", counts.expected())
                    .put("targetRows", counts.target() < 0 ? null : counts.target())
                    .put("missing", counts.missing())
                    .put("extra", counts.extra())
                    .put("mismatched", counts.mismatched())
                    .put("mismatchRate", counts.mismatchRate())
                    .put("allowed", counts.allowed())
                    .put("rejected", counts.rejected())
                    .put("held", counts.held())
                    .put("moving", counts.moving())
                    .put("unsettled", counts.unsettled());
            report.plain().ifPresent(plain -> {
                ObjectNode node =
                        table.putObject("plain").put("rows", plain.rows()).put("different", plain.different());
                new TreeSet<>(plain.columns()).forEach(node.putArray("columns")::add);
            });
            report.behind().forEach(table.putArray("behind")::add);
            report.notes().forEach(table.putArray("notes")::add);
            ArrayNode differences = table.putArray("differences");
            report.differences().forEach(difference -> add(differences.addObject(), difference, withValues));
        }
        return root;
    }

    private static void add(ObjectNode node, Difference difference, boolean withValues) {
        node.put("kind", difference.kind().name().toLowerCase(Locale.ROOT)).put("row", difference.row());
        difference.columns().forEach(node.putArray("columns")::add);
        Difference.Values values = withValues ? difference.values() : null;
        if (values != null) {
            ObjectNode key = node.putObject("key");
            values.key().forEach(value -> key.put(value.column(), value.text()));
            ObjectNode columns = node.putObject("values");
            values.columns().forEach(pair -> columns.putObject(pair.column())
                    .put("expected", pair.expected())
                    .put("found", pair.actual()));
        }
    }
}
