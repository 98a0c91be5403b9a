package io.sluice.platform.registry;

/** What a new version of a schema must be able to do with earlier ones; the names are those of the REST API. */
public enum CompatibilityLevel {
    NONE,
    BACKWARD,
    BACKWARD_TRANSITIVE,
    FORWARD,
    FORWARD_TRANSITIVE,
    FULL,
    FULL_TRANSITIVE
}
