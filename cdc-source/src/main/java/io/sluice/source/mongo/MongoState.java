package io.sluice.source.mongo;

import io.sluice.schemas.model.TableId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of one source, at one moment.
 *
 * @param owner the instance that wrote last; null on a topic that nobody has written to
 */
record MongoState(
        @Nullable String owner,
        @Nullable MongoFacts facts,
        @Nullable MongoOffset offset,
        Map<TableId, CollectionState> collections) {

    MongoState {
        collections = Map.copyOf(collections);
    }
}
