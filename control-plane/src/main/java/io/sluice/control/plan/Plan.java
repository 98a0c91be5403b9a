package io.sluice.control.plan;

import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.ExpectedLoad;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a start of a pipeline would do.
 *
 * @param findings each once, the worst first
 * @param creations each once, in the order in which they are made
 * @param loads the longest first
 * @param applied whether what could be made has been
 */
public record Plan(
        String pipeline, List<Finding> findings, List<Creation> creations, List<ExpectedLoad> loads, boolean applied) {

    public Plan {
        findings = findings.stream()
                .distinct()
                .sorted(Comparator.comparing(Finding::severity))
                .toList();
        creations = creations.stream().distinct().toList();
        loads = loads.stream()
                .sorted(Comparator.comparing((ExpectedLoad load) -> LoadTime.of(load.rows(), load.bytes()))
                        .reversed())
                .toList();
    }

    public static Plan of(String pipeline, Preflight found) {
        return new Plan(pipeline, found.findings(), found.creations(), found.loads(), false);
    }

    /** The same, carried out, with what that has shown. */
    public Plan applied(List<Finding> more) {
        List<Finding> all = new ArrayList<>(findings);
        all.addAll(more);
        return new Plan(pipeline, all, creations, loads, true);
    }

    /** Whether a start would go on. */
    public boolean isSafe() {
        return findings.stream().noneMatch(Finding::isError);
    }

    public long count(Finding.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    /** Rows of all loads as far as they are known. */
    public long rows() {
        return loads.stream().mapToLong(load -> Math.max(0, load.rows())).sum();
    }

    public long bytes() {
        return loads.stream().mapToLong(load -> Math.max(0, load.bytes())).sum();
    }

    /** How long all loads together take; empty where nothing is to be read. */
    public Optional<Duration> time() {
        return loads.isEmpty() ? Optional.empty() : Optional.of(LoadTime.of(rows(), bytes()));
    }
}
