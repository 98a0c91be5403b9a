package io.sluice.transform.topology;

import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.model.Change;
import io.sluice.transform.mapping.CompiledMapping;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What is done with changes that were written with one schema.
 *
 * @param topic where changes of that table belong
 */
record ChangeInput(String topic, ChangeDecoder decoder, List<Route> routes, Runnable counter) {

    /**
     * One target of these changes.
     *
     * @param name tells source and target table from every other pair
     * @param deletes whether a deletion removes the target's rows, rather than marking or keeping them
     * @param drift looks for what the mapping leaves out; null where it can leave out nothing
     */
    record Route(CompiledMapping mapping, RowOutput output, Bytes name, boolean deletes, @Nullable DriftWatch drift) {}

    /**
     * Whether the change, once it is mapped, leaves nothing for earlier ones of its key to say: it tells all that the targets are to
     * hold of the row.
     */
    boolean tellsAll(Change change) {
        if (change instanceof Change.Deleted) {
            return routes.stream()
                    .allMatch(route -> route.deletes() && route.mapping().isMadeAnew());
        }
        return change instanceof Change.Upserted upserted
                && upserted.after().isWhole()
                && routes.stream().allMatch(route -> route.mapping().isMadeAnew());
    }
}
