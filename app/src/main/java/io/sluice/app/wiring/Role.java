package io.sluice.app.wiring;

/** What one process does for a pipeline. */
public enum Role {
    SOURCE,
    TRANSFORM,
    SINK
}
