package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.mapping.ServiceMapping;
import java.util.LinkedHashMap;
import java.util.Map;

/** Applies the mappings of one service: the function alone, or whatever runs it. */
@FunctionalInterface
public interface ChangeApplier {

    /** By target table, what becomes of a change; each target table of the changed one is named. */
    Map<TargetTable, MappingResult> apply(Change change);

    /** The pure function. */
    static ChangeApplier pure(ServiceMapping service) {
        return change -> {
            Map<TargetTable, MappingResult> results = new LinkedHashMap<>();
            for (CompiledMapping mapping : service.mappings()) {
                if (mapping.source().equals(change.table())) {
                    results.put(mapping.table(), mapping.apply(change));
                }
            }
            return results;
        };
    }
}
