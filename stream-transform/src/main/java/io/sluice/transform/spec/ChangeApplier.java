package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.mapping.ServiceMapping;
import java.util.Map;

/** Applies the mappings of one service to changes that follow one another: the function alone, or whatever runs it. */
@FunctionalInterface
public interface ChangeApplier {

    /** By target table, the rows that change, or why none may; each target table of the changed one is named. */
    Map<TargetTable, MappingResult> apply(Change change);

    /** The pure function. */
    static ChangeApplier pure(ServiceMapping service) {
        return new PureApplier(service);
    }
}
