package io.sluice.schemas.pipeline;

import java.util.Objects;

/** A text that may hold a password. It prints as stars, so that a record that contains one can be logged. */
public final class Secret {

    private final String text;

    private Secret(String text) {
        this.text = Objects.requireNonNull(text, "text");
    }

    public static Secret of(String text) {
        return new Secret(text);
    }

    /** The text itself: hand it to a driver, never to a log or a message. */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
