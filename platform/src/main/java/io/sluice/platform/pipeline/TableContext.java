package io.sluice.platform.pipeline;

import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.SourceSpec;
import java.util.Map;
import java.util.Optional;

/**
 * What a table must know of what surrounds it.
 *
 * @param sources by name; the kind is empty where the source is wrong itself
 * @param timescale whether the target takes hypertables
 */
record TableContext(
        Map<String, Optional<SourceSpec.Kind>> sources,
        Consistency consistency,
        boolean timescale,
        ExpressionChecker expressions) {

    boolean strong() {
        return consistency == Consistency.STRONG;
    }

    boolean isMongo(String source) {
        return sources.getOrDefault(source, Optional.empty()).equals(Optional.of(SourceSpec.Kind.MONGODB));
    }
}
