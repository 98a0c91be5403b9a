package io.sluice.app.cli;

import io.sluice.app.wiring.SourceInventory;
import io.sluice.app.wiring.SourceInventory.Found;
import io.sluice.schemas.pipeline.SourceSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The text of a pipeline file to begin with: every table that can be captured, as it is. */
final class StartingFile {

    static final String SOURCE = "SOURCE_URL";
    static final String TARGET = "TARGET_URL";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");
    /** Words that YAML takes for something else than a text. */
    private static final Pattern SPECIAL = Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n|~");

    private static final int MOST = 40;

    private StartingFile() {}

    static String of(String name, String service, SourceInventory inventory, List<Found> tables) {
        boolean documents = inventory.kind() == SourceSpec.Kind.MONGODB;
        StringBuilder text = new StringBuilder();
        text.append("# Made by `sluice init` from ")
                .append(comment(inventory.address()))
                .append(". Everything that it may say: docs/reference/pipeline-file.md\n")
                .append("pipeline: ")
                .append(name)
                .append("\nsources:\n  ")
                .append(name)
                .append(": {")
                .append(documents ? "mongodb" : "postgresql")
                .append(": \"${env:" + SOURCE + "}\"}\nservices:\n  ")
                .append(service)
                .append(":\n    # The service's own database; it must be there, its tables need not.\n")
                .append("    target: {postgresql: \"${env:" + TARGET + "}\"}\n    tables:\n");
        for (Found table : tables) {
            Optional<String> unfit = unfit(table);
            unfit.ifPresent(why ->
                    text.append("      # Left out: ").append(comment(why)).append(".\n"));
            text.append("      ").append(unfit.isPresent() ? "# " : "").append(line(name, documents, table));
        }
        return text.toString();
    }

    /** Whether the file has any table to begin with. */
    static boolean isWorthIt(List<Found> tables) {
        return tables.stream().anyMatch(table -> unfit(table).isEmpty());
    }

    private static Optional<String> unfit(Found table) {
        return table.unfit()
                .or(() -> (table.schema() + table.table()).contains(".")
                        ? Optional.of(
                                "a dot in a name has a meaning here; give the target another name under `target:`")
                        : Optional.empty())
                .or(() -> (table.schema() + table.table()).contains("${")
                        ? Optional.of("${ in a name stands for a variable here")
                        : Optional.empty());
    }

    private static String line(String source, boolean documents, Found table) {
        boolean bare = documents || table.schema().equals("public");
        String target = bare ? table.table() : table.schema() + "." + table.table();
        return scalar(target) + ": {from: " + scalar(source + "." + table.schema() + "." + table.table()) + "}\n";
    }

    private static String scalar(String text) {
        boolean plain = !SPECIAL.matcher(text).matches()
                && List.of(text.split("\\.", -1)).stream()
                        .allMatch(part -> PLAIN.matcher(part).matches());
        return plain ? text : "\"" + escaped(text) + "\"";
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                escaped.append('\\').appendCodePoint(point);
            } else if (Character.isISOControl(point)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04X", point));
            } else {
                escaped.appendCodePoint(point);
            }
        });
        return escaped.toString();
    }

    private static String comment(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    /** A name for a pipeline, source or service, made from any text. */
    static String named(String text) {
        String name =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        if (name.isEmpty() || !Character.isLetter(name.charAt(0))) {
            name = "db-" + name;
        }
        name = name.substring(0, Math.min(name.length(), MOST)).replaceAll("-$", "");
        return name.equals("sluice") ? "sluice-data" : name;
    }
}
