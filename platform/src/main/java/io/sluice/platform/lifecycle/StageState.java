package io.sluice.platform.lifecycle;

import java.util.EnumSet;
import java.util.Set;

/**
 * The life of a stage.
 *
 * <pre>
 *   CREATED ──▶ STARTING ──▶ RUNNING ◀──▶ WAITING
 *      │            │           │            │
 *      │            ├───────────┼────────────┤
 *      │            ▼           ▼            ▼
 *      │         HALTED ◀───────┴────────────┘   (each may also go to STOPPING)
 *      │            │
 *      ▼            ▼
 *   STOPPED ◀── STOPPING
 * </pre>
 *
 * WAITING means that something outside is away and the stage tries again by itself; HALTED that a person must act.
 */
public enum StageState {
    CREATED,
    STARTING,
    RUNNING,
    WAITING,
    HALTED,
    STOPPING,
    STOPPED;

    private Set<StageState> next() {
        return switch (this) {
            case CREATED -> EnumSet.of(STARTING, STOPPED);
            case STARTING -> EnumSet.of(RUNNING, WAITING, HALTED, STOPPING);
            case RUNNING -> EnumSet.of(WAITING, HALTED, STOPPING);
            case WAITING -> EnumSet.of(RUNNING, HALTED, STOPPING);
            case HALTED -> EnumSet.of(STOPPING);
            case STOPPING -> EnumSet.of(STOPPED);
            case STOPPED -> EnumSet.noneOf(StageState.class);
        };
    }

    public boolean mayBecome(StageState state) {
        return next().contains(state);
    }
}
