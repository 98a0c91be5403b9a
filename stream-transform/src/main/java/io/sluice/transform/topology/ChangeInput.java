package io.sluice.transform.topology;

import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.transform.mapping.CompiledMapping;
import java.util.List;

/**
 * What is done with changes that were written with one schema.
 *
 * @param topic where changes of that table belong
 */
record ChangeInput(String topic, ChangeDecoder decoder, List<Route> routes, Runnable counter) {

    /** One target of these changes. */
    record Route(CompiledMapping mapping, RowOutput output) {}
}
