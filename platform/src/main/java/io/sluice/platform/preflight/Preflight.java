package io.sluice.platform.preflight;

import java.util.ArrayList;
import java.util.List;

/**
 * What a look at a part of a pipeline found, before anything of it is made.
 *
 * @param creations what is missing and would be made
 * @param loads what would be read whole
 */
public record Preflight(List<Finding> findings, List<Creation> creations, List<ExpectedLoad> loads) {

    public static final Preflight NONE = new Preflight(List.of(), List.of(), List.of());

    public Preflight {
        findings = List.copyOf(findings);
        creations = List.copyOf(creations);
        loads = List.copyOf(loads);
    }

    /** One that found nothing to be read. */
    public Preflight(List<Finding> findings, List<Creation> creations) {
        this(findings, creations, List.of());
    }

    public static Preflight found(List<Finding> findings) {
        return new Preflight(findings, List.of(), List.of());
    }

    /** Both, this one first. */
    public Preflight and(Preflight other) {
        List<Finding> allFindings = new ArrayList<>(findings);
        allFindings.addAll(other.findings);
        List<Creation> allCreations = new ArrayList<>(creations);
        allCreations.addAll(other.creations);
        List<ExpectedLoad> allLoads = new ArrayList<>(loads);
        allLoads.addAll(other.loads);
        return new Preflight(allFindings, allCreations, allLoads);
    }

    /** Whether nothing may run like this. */
    public boolean isFatal() {
        return findings.stream().anyMatch(Finding::isError);
    }
}
