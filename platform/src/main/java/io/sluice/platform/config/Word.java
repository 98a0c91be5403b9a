package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * One word of the file.
 *
 * @param text with references filled in: may be secret as soon as {@link #hasReference()}
 * @param literal what the file itself says, a placeholder for each reference
 * @param plain written without quotes
 * @param folder where relative paths start
 */
public record Word(String text, String literal, boolean plain, Place place, Path folder) {

    /** What {@code literal} holds in the place of a reference. */
    public static final char FILLED_IN = '\uE000';

    private static final int LONGEST = 2000;

    /** For what a pattern looks at: the work and the stack that one takes grow with the text. */
    public void refuseLong() throws Unreadable {
        if (text.length() > LONGEST) {
            throw new Unreadable("is longer than " + LONGEST + " characters", "");
        }
    }

    /** As a path, from the file's folder on. */
    public String resolved() throws Unreadable {
        try {
            return folder.resolve(text).toString();
        } catch (InvalidPathException e) {
            throw new Unreadable("is no path", "name a file");
        }
    }

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
