package io.sluice.transform.version;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.version.TableVersion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The versions that are kept of a pipeline's mappings. */
public record Versions(Map<Of, TableVersion> tables) {

    public static final Versions NONE = new Versions(Map.of());

    /** One target table. */
    public record Of(String service, TargetTable table) {}

    public Versions {
        tables = Map.copyOf(tables);
    }

    public Optional<TableVersion> of(String service, TargetTable table) {
        return Optional.ofNullable(tables.get(new Of(service, table)));
    }

    /** What each mapping of that service knew when it was begun. */
    public Baselines baselines(ServiceSpec service) {
        Map<Baselines.Pair, Set<String>> known = new HashMap<>();
        for (TableSpec table : service.tables()) {
            of(service.name(), table.target()).ifPresent(version -> {
                for (TableId source : table.from()) {
                    List<String> columns = version.known().get(source.toString());
                    if (columns != null) {
                        known.put(new Baselines.Pair(table.target(), source), new HashSet<>(columns));
                    }
                }
            });
        }
        return new Baselines(known);
    }
}
