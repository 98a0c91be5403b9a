package io.sluice.app.wiring;

import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a pipeline file may say and this version does not do. A setting that decides what the target holds is refused; one that
 * only watches is named, so that nobody relies on it.
 */
final class Refusals {

    private static final String LATER = "Leave it out in this version.";

    private final Pipeline pipeline;
    private final Set<Role> roles;
    private final List<Finding> findings = new ArrayList<>();

    private Refusals(Pipeline pipeline, Set<Role> roles) {
        this.pipeline = pipeline;
        this.roles = Set.copyOf(roles);
    }

    static List<Finding> of(Pipeline pipeline, Set<Role> roles) {
        Refusals refusals = new Refusals(pipeline, roles);
        pipeline.services().forEach(refusals::service);
        return List.copyOf(refusals.findings);
    }

    /** Whether a service reads collections, which can be captured also where their mapping is not done yet. */
    private static boolean readsDocuments(Pipeline pipeline, ServiceSpec service) {
        return service.reads().stream().anyMatch(table -> isCollection(pipeline, table));
    }

    private static boolean isCollection(Pipeline pipeline, TableId table) {
        return pipeline.sources().stream()
                .anyMatch(source -> source.name().equals(table.source()) && source.kind() == SourceSpec.Kind.MONGODB);
    }

    private void service(ServiceSpec service) {
        if (roles.equals(Set.of(Role.SOURCE)) && readsDocuments(pipeline, service)) {
            return;
        }
        Mapping.unsupported(service)
                .forEach(problem ->
                        findings.add(Finding.error(problem.place() + " " + problem.path(), problem.message(), LATER)));
        for (TableSpec table : service.tables()) {
            table("services." + service.name() + ".tables." + table.target(), table);
        }
    }

    private void table(String path, TableSpec table) {
        if (table.reconcile().isPresent()) {
            warn(path + ".reconcile", "tables are not compared on a schedule yet");
        }
    }

    private void warn(String path, String problem) {
        findings.add(Finding.warning(pipeline.placeOf(path) + " " + path, problem, "Do not rely on it."));
    }
}
