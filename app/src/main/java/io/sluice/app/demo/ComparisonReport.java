package io.sluice.app.demo;

import java.util.List;
import java.util.Locale;

/** The outcome of the comparison as a table. */
final class ComparisonReport {

    private ComparisonReport() {}

    static String render(List<Comparison.Result> results) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "  %-22s %12s %12s %9s %9s %10s%n",
                "table",
                "source rows",
                "target rows",
                "missing",
                "extra",
                "different"));
        for (Comparison.Result each : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-22s %,12d %,12d %,9d %,9d %,10d  %s%n",
                    each.table(),
                    each.sourceRows(),
                    each.targetRows(),
                    each.missing(),
                    each.extra(),
                    each.different(),
                    each.isEqual() ? "equal" : "NOT EQUAL"));
        }
        long unequal = results.stream().filter(each -> !each.isEqual()).count();
        return text.append(
                        unequal == 0
                                ? String.format(Locale.ROOT, "All %d tables are equal.%n", results.size())
                                : String.format(
                                        Locale.ROOT, "%d of %d tables are NOT equal.%n", unequal, results.size()))
                .toString();
    }
}
