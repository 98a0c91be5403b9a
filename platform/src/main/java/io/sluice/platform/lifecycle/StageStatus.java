package io.sluice.platform.lifecycle;

import io.sluice.platform.error.SluiceException;
import org.jspecify.annotations.Nullable;

/**
 * How a stage is, at one moment.
 *
 * @param cause why it waits or halted; null in every other state
 */
public record StageStatus(StageState state, @Nullable SluiceException cause) {}
