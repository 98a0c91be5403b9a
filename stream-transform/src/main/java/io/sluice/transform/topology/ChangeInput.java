package io.sluice.transform.topology;

import io.sluice.schemas.codec.ChangeDecoder;
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
     * @param drift looks for what the mapping leaves out; null where it can leave out nothing
     */
    record Route(CompiledMapping mapping, RowOutput output, Bytes name, @Nullable DriftWatch drift) {}
}
