package io.sluice.localstack.registry;

import java.util.Locale;
import java.util.Optional;

/** What a new version of a subject's schema must be able to do with the earlier ones. */
enum CompatibilityLevel {
    NONE(false, false, false),
    BACKWARD(true, false, false),
    BACKWARD_TRANSITIVE(true, false, true),
    FORWARD(false, true, false),
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean readsOld;
    private final boolean readByOld;
    private final boolean transitive;

    CompatibilityLevel(boolean readsOld, boolean readByOld, boolean transitive) {
        this.readsOld = readsOld;
        this.readByOld = readByOld;
        this.transitive = transitive;
    }

    static Optional<CompatibilityLevel> named(String name) {
        for (CompatibilityLevel level : values()) {
            if (level.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /** The new schema must read what the old one wrote. */
    boolean readsOld() {
        return readsOld;
    }

    /** The old schema must read what the new one writes. */
    boolean readByOld() {
        return readByOld;
    }

    /** Against every earlier version, not the last alone. */
    boolean transitive() {
        return transitive;
    }
}
