package io.sluice.platform.intent;

/**
 * An operator wants a part to rest.
 *
 * @param who asked
 * @param why they did
 * @param sinceMillis when, by the broker's clock
 */
public record Pause(Part part, String who, String why, long sinceMillis) {}
