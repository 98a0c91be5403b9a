package io.sluice.app.wiring;

import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.TargetCutover;
import io.sluice.sink.sql.TargetSequences;
import io.sluice.transform.mapping.Mapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The sequences of all targets of a pipeline, for the moment when its services begin to write. */
public final class Sequences {

    private final List<OfService> services;
    private final Collection<Finding> unreachable;

    private Sequences(List<OfService> services, Collection<Finding> unreachable) {
        this.services = services;
        this.unreachable = unreachable;
    }

    /** Reads sources and targets, and changes nothing. */
    public static Sequences read(Pipeline pipeline) {
        SourceCatalogs catalogs = SourceCatalogs.read(pipeline);
        List<OfService> services = new ArrayList<>();
        for (ServiceSpec service : pipeline.services()) {
            Map<TargetTable, List<TargetSequences.Numbered>> numbered = catalogs.numbered(
                    service, Mapping.compile(service, catalogs.tables()).targets());
            TargetCutover target = new TargetCutover(pipeline, service);
            services.add(new OfService(service.name(), target, target.sequences(numbered)));
        }
        return new Sequences(services, catalogs.unreachable().values());
    }

    public List<OfService> services() {
        return services;
    }

    /** Sources that could not be asked how far their sequences are: the largest values that came have to do. */
    public Collection<Finding> unreachable() {
        return unreachable;
    }

    /** What is to be done in one target. */
    public record OfService(String service, TargetCutover target, List<TargetSequences.Step> steps) {

        /** Does it, all or none; the number that each has given last now. */
        public List<OptionalLong> apply() {
            return target.apply(steps);
        }
    }
}
