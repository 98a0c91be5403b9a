package io.sluice.platform.preflight;

import java.util.List;
import java.util.Objects;

/**
 * One thing that is not there yet and is made before anything runs.
 *
 * @param place where: {@code Kafka}, a source, the target of a service
 * @param name of what is made
 * @param detail what a person should know of it; may be empty
 * @param statements what makes it, in their order; empty where that is no SQL
 */
public record Creation(Kind kind, String place, String name, String detail, List<String> statements) {

    public Creation {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(detail, "detail");
        statements = List.copyOf(statements);
    }

    /** One that a single statement makes. */
    public static Creation of(Kind kind, String place, String name, String statement) {
        return new Creation(kind, place, name, "", List.of(statement));
    }

    /** One that no statement makes. */
    public static Creation told(Kind kind, String place, String name, String detail) {
        return new Creation(kind, place, name, detail, List.of());
    }

    /** The same, said to be there. */
    public Creation at(String where) {
        return new Creation(kind, where, name, detail, statements);
    }

    /** What is made, in the order in which it is. */
    public enum Kind {
        TOPIC,
        PUBLICATION,
        HEARTBEAT,
        SLOT,
        LEDGER,
        SCHEMA,
        TABLE,
        INDEX,
        HYPERTABLE,
        CHANGE,
        SEQUENCE,
        GRANT
    }
}
