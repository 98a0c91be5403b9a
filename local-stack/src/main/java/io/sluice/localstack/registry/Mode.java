package io.sluice.localstack.registry;

import java.util.Locale;
import java.util.Optional;

/** What may be written under a subject. */
enum Mode {
    READWRITE,
    READONLY,
    /** Global only: read-only for every subject, whatever the subject's own mode says. */
    READONLY_OVERRIDE,
    /** The caller brings ids and versions along, and compatibility isn't checked. */
    IMPORT;

    static Optional<Mode> named(String name) {
        for (Mode mode : values()) {
            if (mode.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }

    boolean refusesWrites() {
        return this == READONLY || this == READONLY_OVERRIDE;
    }
}
