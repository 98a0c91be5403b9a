package io.sluice.control.status;

import java.util.Locale;

/** How a source, a hop or a table is; the later of two is the worse. */
public enum Condition {
    LIVE,
    LOADING,
    PAUSED,
    /** No process runs it. */
    STOPPED,
    /** Something that it needs is away, and it tries again by itself. */
    WAITING,
    /** A person must act. */
    HALTED,
    /** Nobody could be asked. */
    UNKNOWN;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
