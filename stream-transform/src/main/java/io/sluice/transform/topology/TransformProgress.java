package io.sluice.transform.topology;

/**
 * How far a service's transform has come since its process started.
 *
 * @param changes change records read
 * @param rows row records made of them
 */
public record TransformProgress(long changes, long rows) {}
