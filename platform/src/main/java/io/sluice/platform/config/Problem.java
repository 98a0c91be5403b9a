package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.Comparator;
import java.util.Objects;

/**
 * Something wrong in a file, said so that a person can mend it.
 *
 * @param path the way from the file's root, {@code services.ledger.target} say; empty for the file as a whole
 * @param suggestion what to do; empty where the message says it
 */
public record Problem(Place place, String path, String message, String suggestion) implements Comparable<Problem> {

    private static final Comparator<Problem> ORDER = Comparator.comparing(Problem::place)
            .thenComparing(Problem::path)
            .thenComparing(Problem::message)
            .thenComparing(Problem::suggestion);

    public Problem {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(suggestion, "suggestion");
    }

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    /** {@code file:line:column path: message; suggestion}, on one line. */
    @Override
    public String toString() {
        return place + (path.isEmpty() ? "" : " " + path) + ": " + message
                + (suggestion.isEmpty() ? "" : "; " + suggestion);
    }
}
