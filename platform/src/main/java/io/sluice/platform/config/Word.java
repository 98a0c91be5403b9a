package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;

/**
 * One word of the file.
 *
 * @param text with references filled in: may be secret as soon as {@link #hasReference()}
 * @param literal what the file itself says, a placeholder for each reference
 * @param plain written without quotes
 */
public record Word(String text, String literal, boolean plain, Place place) {

    /** What {@code literal} holds in the place of a reference. */
    public static final char FILLED_IN = '\uE000';

    /** Whether a part of it came from the environment or a file. */
    public boolean hasReference() {
        return literal.indexOf(FILLED_IN) >= 0;
    }

    /** In quotes and short, fit for a message; what came from elsewhere does not show. */
    public String shown() {
        return hasReference() ? "the value of " + Quoted.of(literal.replace(FILLED_IN, '…')) : Quoted.of(text);
    }

    /** As a record would print it, less what may be secret. */
    @Override
    public String toString() {
        return shown() + " at " + place;
    }
}
