package io.sluice.transform.topology;

import io.sluice.platform.deadletter.Reason;
import io.sluice.schemas.model.TargetTable;
import java.util.Map;

/**
 * How far a service's transform has come since its process started.
 *
 * @param changes change records read
 * @param rows row records made of them
 * @param deadLetters records written to the dead letters, by what was wrong; reasons that did not occur are left out
 * @param parkedKeys keys whose changes wait here now
 * @param drift for each target table, how many changes carried which columns or fields that its mapping leaves out without
 *     having been told to
 */
public record TransformProgress(
        long changes,
        long rows,
        Map<Reason, Long> deadLetters,
        long parkedKeys,
        Map<TargetTable, Map<String, Long>> drift) {

    public TransformProgress {
        deadLetters = Map.copyOf(deadLetters);
        drift = Map.copyOf(drift);
    }
}
