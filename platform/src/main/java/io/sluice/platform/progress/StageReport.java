package io.sluice.platform.progress;

import io.sluice.platform.lifecycle.StageState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a stage says of itself.
 *
 * @param process tells the process from every other that runs the same stage
 * @param stage as {@code Stage.name()} has it
 * @param paused whether it does nothing because an operator asked for that
 * @param cause why it waits or has halted
 * @param perSecond what it did of late, by the name of what: a table's, or {@code changes} and {@code rows}
 * @param loads how far loads are that are under way, by table
 */
public record StageReport(
        String process,
        String stage,
        StageState state,
        boolean paused,
        @Nullable Cause cause,
        Map<String, Double> perSecond,
        Map<String, Load> loads) {

    public StageReport {
        perSecond = Map.copyOf(perSecond);
        loads = Map.copyOf(loads);
    }

    /**
     * A load that is under way.
     *
     * @param rows read so far
     */
    public record Load(long rows, double perSecond) {}

    /** Why a stage or a table does not go on, and what to do: never a value of a row. */
    public record Cause(String code, String problem, @Nullable String place, String remedy) {}
}
