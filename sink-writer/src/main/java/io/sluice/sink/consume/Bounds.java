package io.sluice.sink.consume;

/** What the bounds of transactions among a service's rows are worth. */
public enum Bounds {
    /** There are none: each partition has its own order. */
    NONE,
    /** What stands between two of them becomes visible at once, or not at all. */
    KEPT,
    /** They are passed over. For tests alone, which have to notice. */
    IGNORED
}
