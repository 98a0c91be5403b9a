package io.sluice.platform.control;

import java.time.Instant;
import java.util.Locale;

/**
 * Something that somebody asked for.
 *
 * @param at by the store's clock
 * @param subject what it is about
 */
public record AuditEntry(
        long number, Instant at, String who, String action, String subject, String why, Outcome outcome) {

    /** What became of it. */
    public enum Outcome {
        /** It was entered, and whether it was done is not known: its process ended in between. */
        ASKED,
        DONE,
        FAILED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Outcome of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
