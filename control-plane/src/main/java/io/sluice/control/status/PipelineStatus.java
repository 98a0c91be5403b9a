package io.sluice.control.status;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A pipeline, at one moment.
 *
 * @param begun whether it was ever run
 */
public record PipelineStatus(
        String name, Instant at, boolean begun, List<SourceStatus> sources, List<ServiceStatus> services) {

    public PipelineStatus {
        sources = List.copyOf(sources);
        services = List.copyOf(services);
    }

    /** Whether all that the sources had committed is in the targets, and nobody has to look. */
    public boolean isThrough() {
        return begun
                && sources.stream()
                        .allMatch(source -> source.isPublished()
                                && source.tables().stream().allMatch(table -> table.condition() == Condition.LIVE))
                && services.stream().allMatch(ServiceStatus::isApplied);
    }

    /** The worst of all. */
    public Condition condition() {
        List<Condition> all = new ArrayList<>();
        sources.forEach(source -> {
            all.add(source.condition());
            source.tables().forEach(table -> all.add(table.condition()));
        });
        services.forEach(service -> {
            all.add(service.condition());
            service.tables().forEach(table -> all.add(table.condition()));
        });
        return all.stream().max(Condition::compareTo).orElse(Condition.UNKNOWN);
    }
}
