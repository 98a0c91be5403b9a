package io.sluice.app.cli;

import io.sluice.app.wiring.ControlStores;
import io.sluice.control.reconcile.TableReport;
import io.sluice.control.status.ServiceStatus.Verification;
import io.sluice.platform.control.ValidationResult;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Comparisons in the control store. Where it is away they are told and not kept: that is no reason to tell nothing. */
final class KeptResults {

    private final Console console;
    private final Pipeline pipeline;
    private final Path folder;

    KeptResults(Console console, Pipeline pipeline, Path folder) {
        this.console = console;
        this.pipeline = pipeline;
        this.folder = folder;
    }

    void keep(List<TableReport> reports) {
        try (ControlStores control = ControlStores.open(pipeline, folder)) {
            reports.forEach(report -> control.store().keep(result(report)));
        } catch (EnvironmentException e) {
            console.err().println("warning: the results are not kept: " + e.getMessage());
        }
    }

    private ValidationResult result(TableReport report) {
        TableReport.Counts counts = report.counts();
        return new ValidationResult(
                pipeline.name(),
                report.service(),
                report.table().toString(),
                report.finished(),
                report.verdict().name().toLowerCase(Locale.ROOT),
                report.level(),
                report.position(),
                counts.source(),
                counts.missing() + counts.extra() + counts.mismatched(),
                ReconcileReport.withoutValues(report));
    }

    /** How each table of each service last compared. */
    Map<String, Map<String, Verification>> last() {
        Map<String, Map<String, Verification>> last = new HashMap<>();
        try {
            Optional<ControlStores> existing = ControlStores.openExisting(pipeline, folder);
            if (existing.isPresent()) {
                try (ControlStores control = existing.get()) {
                    control.store().lastResults(pipeline.name()).forEach(result -> last.computeIfAbsent(
                                    result.service(), first -> new HashMap<>())
                            .put(
                                    result.table(),
                                    new Verification(
                                            result.verdict(),
                                            result.finished(),
                                            result.compared(),
                                            result.different())));
                }
            }
        } catch (EnvironmentException e) {
            console.err().println("warning: how tables last compared is not known: " + e.getMessage());
        }
        return last;
    }

    /** As a {@code StatusReader} asks for it: read once. */
    static Function<ServiceSpec, Map<String, Verification>> of(Map<String, Map<String, Verification>> last) {
        return service -> last.getOrDefault(service.name(), Map.of());
    }
}
