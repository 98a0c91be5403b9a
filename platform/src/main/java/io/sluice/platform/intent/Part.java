package io.sluice.platform.intent;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a pipeline that can be paused.
 *
 * @param name of the source or service
 * @param table a target table of the service, as the file names it; null for all of it
 */
public record Part(Kind kind, String name, @Nullable String table) {

    /** What it is. */
    public enum Kind {
        SOURCE,
        SERVICE
    }

    public Part {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        if (kind == Kind.SOURCE && table != null) {
            throw new IllegalArgumentException("a source is paused as a whole");
        }
    }

    public static Part source(String name) {
        return new Part(Kind.SOURCE, name, null);
    }

    public static Part service(String name) {
        return new Part(Kind.SERVICE, name, null);
    }

    public static Part table(String service, String table) {
        return new Part(Kind.SERVICE, service, table);
    }

    /** {@code table users of service accounts}, for people. */
    @Override
    public String toString() {
        return switch (kind) {
            case SOURCE -> "source " + name;
            case SERVICE -> table == null ? "service " + name : "table " + table + " of service " + name;
        };
    }
}
