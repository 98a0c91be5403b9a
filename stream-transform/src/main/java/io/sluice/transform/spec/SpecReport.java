package io.sluice.transform.spec;

import io.sluice.platform.config.Problem;
import io.sluice.transform.spec.SpecResult.ColumnDiff;
import io.sluice.transform.spec.SpecResult.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came out, as a person reads it: what failed and why, then a line for each file, then the sum. */
public final class SpecReport {

    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String PLAIN = "\u001b[0m";
    private static final int WIDEST_COLUMN = 30;
    private static final int WIDEST_VALUE = 60;
    private static final int LEAD = 12;

    private final boolean colour;

    /** @param colour whether a terminal shows it */
    public SpecReport(boolean colour) {
        this.colour = colour;
    }

    public String problems(List<Problem> problems) {
        StringBuilder text = new StringBuilder();
        problems.forEach(problem -> text.append(problem).append('\n'));
        return text.append(problems.size())
                .append(problems.size() == 1 ? " problem" : " problems")
                .append("; nothing was run\n")
                .toString();
    }

    public String results(List<SpecResult> results) {
        StringBuilder text = new StringBuilder();
        results.stream().filter(result -> !result.passed()).forEach(result -> failed(text, result));
        Map<String, int[]> files = new LinkedHashMap<>();
        for (SpecResult result : results) {
            int[] counts = files.computeIfAbsent(result.spec().place().file(), file -> new int[2]);
            counts[result.passed() ? 0 : 1]++;
        }
        files.forEach((file, counts) -> text.append(file)
                .append(": ")
                .append(counts(counts[0], counts[1]))
                .append('\n'));
        int failed = (int) results.stream().filter(result -> !result.passed()).count();
        return text.append(painted(failed == 0 ? GREEN : RED, counts(results.size() - failed, failed)))
                .append('\n')
                .toString();
    }

    /** One spec's failures alone. */
    public String failures(SpecResult result) {
        StringBuilder text = new StringBuilder();
        failed(text, result);
        return text.toString();
    }

    private void failed(StringBuilder text, SpecResult result) {
        text.append(painted(RED, "FAILED"))
                .append(' ')
                .append(result.spec().place())
                .append(' ')
                .append(result.spec().name())
                .append('\n');
        for (Failure failure : result.failures()) {
            text.append("  ")
                    .append(failure.place())
                    .append(' ')
                    .append(failure.what())
                    .append('\n');
            if (!failure.columns().isEmpty()) {
                table(text, failure.columns());
            }
        }
        text.append('\n');
    }

    private void table(StringBuilder text, List<ColumnDiff> columns) {
        int name = width("column", columns.stream().map(ColumnDiff::column).toList(), WIDEST_COLUMN);
        int expected = width(
                "expected",
                columns.stream().map(diff -> shown(diff, diff.expected())).toList(),
                WIDEST_VALUE);
        line(text, ' ', "column", name, "expected", expected, "actual");
        for (ColumnDiff diff : columns) {
            StringBuilder line = new StringBuilder();
            line(
                    line,
                    diff.same() ? ' ' : '!',
                    diff.column(),
                    name,
                    shown(diff, diff.expected()),
                    expected,
                    shown(diff, diff.actual()));
            text.append(diff.same() ? line : painted(RED, line.toString().stripTrailing()) + "\n");
        }
    }

    private static void line(
            StringBuilder text, char mark, String column, int name, String expected, int width, String actual) {
        String line = "  " + mark + " " + pad(column, name) + "  " + pad(expected, width) + "  " + actual;
        text.append(line.stripTrailing()).append('\n');
    }

    private static int width(String heading, List<String> values, int most) {
        int widest = values.stream().mapToInt(String::length).max().orElse(0);
        return Math.min(most, Math.max(heading.length(), widest));
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /** Long values are cut where both sides begin to differ. */
    private static String shown(ColumnDiff diff, String value) {
        if (value.length() <= WIDEST_VALUE) {
            return value;
        }
        int common = 0;
        int shortest = Math.min(diff.expected().length(), diff.actual().length());
        while (common < shortest
                && diff.expected().charAt(common) == diff.actual().charAt(common)) {
            common++;
        }
        int from = diff.same() || common <= LEAD ? 0 : Math.min(common - LEAD, value.length());
        int end = Math.min(value.length(), from + WIDEST_VALUE - 2);
        return (from > 0 ? "…" : "") + value.substring(from, end) + (end < value.length() ? "…" : "");
    }

    private static String counts(int passed, int failed) {
        return passed + " passed, " + failed + " failed";
    }

    private String painted(String paint, String text) {
        return colour ? paint + text + PLAIN : text;
    }
}
