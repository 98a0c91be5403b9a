package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.control.plan.LoadTime;
import io.sluice.control.plan.Plan;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.ExpectedLoad;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Finding.Severity;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A plan as a person or a program reads it. */
final class PlanReport {

    /** Those whose name alone does not say what they are. */
    private static final Set<Creation.Kind> BARE =
            Set.of(Creation.Kind.TOPIC, Creation.Kind.SLOT, Creation.Kind.PUBLICATION, Creation.Kind.HEARTBEAT);

    private static final String STATEMENT = "        ";

    private final Plan plan;
    private final StringBuilder text = new StringBuilder();

    private PlanReport(Plan plan) {
        this.plan = plan;
    }

    static String text(Plan plan) {
        return new PlanReport(plan).text();
    }

    private String text() {
        text.append("Plan for pipeline ").append(plan.pipeline()).append('\n');
        if (plan.isSafe() || !plan.creations().isEmpty() || !plan.loads().isEmpty()) {
            loads();
            creations();
        }
        findings();
        text.append('\n').append(verdict()).append('\n');
        return text.toString();
    }

    private void loads() {
        if (plan.loads().isEmpty()) {
            text.append("\nNothing is to be read whole.\n");
            return;
        }
        text.append("\nRead whole, once\n");
        int width = plan.loads().stream()
                .mapToInt(load -> name(load).length())
                .max()
                .orElse(0);
        for (ExpectedLoad load : plan.loads()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-" + width + "s  %s, %s%s%n",
                    name(load),
                    rows(load.rows()),
                    size(load.bytes()),
                    LoadTime.of(load).map(time -> ", " + shown(time)).orElse("")));
        }
        plan.time()
                .ifPresent(time -> text.append(String.format(
                        Locale.ROOT,
                        "  together %s, %s: %s, at %,d rows or %s a second, whichever is slower%n",
                        rows(plan.rows()),
                        size(plan.bytes()),
                        shown(time),
                        LoadTime.ROWS_PER_SECOND,
                        size(LoadTime.BYTES_PER_SECOND))));
    }

    private static String name(ExpectedLoad load) {
        return load.source() + "." + load.table();
    }

    private static String rows(long rows) {
        return rows < 0 ? "nobody counted its rows yet" : String.format(Locale.ROOT, "about %,d rows", rows);
    }

    private static String size(long bytes) {
        if (bytes < 0) {
            return "of unknown size";
        }
        double kilobytes = bytes / 1024.0;
        if (kilobytes < 1024) {
            return String.format(Locale.ROOT, "%.0f kB", kilobytes);
        }
        double megabytes = kilobytes / 1024;
        return megabytes < 1024
                ? String.format(Locale.ROOT, "%.0f MB", megabytes)
                : String.format(Locale.ROOT, "%.1f GB", megabytes / 1024);
    }

    private static String shown(Duration time) {
        if (time.toMinutes() < 2) {
            return "about " + time.toSeconds() + " s";
        }
        return time.toHours() < 2
                ? "about " + time.toMinutes() + " minutes"
                : String.format(Locale.ROOT, "about %.1f hours", time.toMinutes() / 60.0);
    }

    private void creations() {
        if (plan.creations().isEmpty()) {
            text.append("\nNothing is to be made.\n");
            return;
        }
        text.append(
                plan.applied() ? "\nMade\n" : "\nTo be made, by `sluice plan FILE --apply` or by `sluice run FILE`\n");
        Map<String, List<Creation>> places = plan.creations().stream()
                .collect(Collectors.groupingBy(Creation::place, LinkedHashMap::new, Collectors.toList()));
        places.forEach((place, creations) -> {
            text.append("  ").append(place).append('\n');
            creations.forEach(this::creation);
        });
    }

    private void creation(Creation creation) {
        text.append("    ")
                .append(BARE.contains(creation.kind()) ? word(creation.kind()) + " " : "")
                .append(creation.name());
        if (!creation.detail().isEmpty()) {
            text.append(": ").append(creation.detail());
        }
        text.append('\n');
        // What Sluice keeps for itself is as long as it is dull; --json has it.
        if (creation.kind() != Creation.Kind.LEDGER) {
            creation.statements().forEach(statement -> text.append(STATEMENT)
                    .append(statement.strip().replace("\n", "\n" + STATEMENT))
                    .append(";\n"));
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void findings() {
        if (plan.findings().isEmpty()) {
            return;
        }
        text.append("\nFound\n");
        for (Finding finding : plan.findings()) {
            text.append("  ")
                    .append(word(finding.severity()))
                    .append(": ")
                    .append(finding.place())
                    .append('\n')
                    .append("    ")
                    .append(finding.problem())
                    .append(".\n    ")
                    .append(finding.remedy().replace("\n", "\n    "))
                    .append('\n');
        }
    }

    private String verdict() {
        String counts = counted(Severity.ERROR, "error") + ", " + counted(Severity.WARNING, "warning");
        if (!plan.isSafe()) {
            return counts + ": `sluice run` starts nothing like this.";
        }
        return counts + (plan.applied() ? ": made. `sluice run` starts." : ": `sluice run` starts.");
    }

    private String counted(Severity severity, String name) {
        long count = plan.count(severity);
        return (count == 0 ? "no" : Long.toString(count)) + " " + name + (count == 1 ? "" : "s");
    }

    static String json(Plan plan) {
        JsonMapper mapper = new JsonMapper();
        ObjectNode root = mapper.createObjectNode()
                .put("pipeline", plan.pipeline())
                .put("safe", plan.isSafe())
                .put("applied", plan.applied());
        ArrayNode loads = root.putArray("loads");
        for (ExpectedLoad load : plan.loads()) {
            ObjectNode node = loads.addObject().put("source", load.source()).put("table", load.table());
            known(node, "rows", load.rows());
            known(node, "bytes", load.bytes());
            LoadTime.of(load).ifPresent(time -> node.put("seconds", time.toSeconds()));
        }
        ArrayNode creations = root.putArray("creations");
        for (Creation creation : plan.creations()) {
            ObjectNode node = creations
                    .addObject()
                    .put("kind", word(creation.kind()))
                    .put("place", creation.place())
                    .put("name", creation.name())
                    .put("detail", creation.detail());
            creation.statements().forEach(node.putArray("statements")::add);
        }
        ArrayNode findings = root.putArray("findings");
        for (Finding finding : plan.findings()) {
            findings.addObject()
                    .put("severity", word(finding.severity()))
                    .put("place", finding.place())
                    .put("problem", finding.problem())
                    .put("remedy", finding.remedy());
        }
        return root.toPrettyString() + "\n";
    }

    private static void known(ObjectNode node, String name, long number) {
        if (number >= 0) {
            node.put(name, number);
        } else {
            node.putNull(name);
        }
    }
}
