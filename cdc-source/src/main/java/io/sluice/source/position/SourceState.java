package io.sluice.source.position;

import io.sluice.schemas.model.TableId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of one source, at one moment.
 *
 * @param owner the instance that wrote last; null on a topic that nobody has written to
 */
public record SourceState(
        @Nullable String owner,
        @Nullable SourceFacts facts,
        @Nullable StoredOffset offset,
        Map<TableId, TableLoad> loads) {

    public SourceState {
        loads = Map.copyOf(loads);
    }
}
