package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.Objects;

/**
 * What a write does to a row that is already there.
 *
 * @param update the columns that an upsert changes; empty: all of them
 */
public record WriteSpec(Mode mode, List<String> update) {

    public WriteSpec {
        Objects.requireNonNull(mode, "mode");
        update = List.copyOf(update);
        if (mode != Mode.UPSERT && !update.isEmpty()) {
            throw new IllegalArgumentException("only an upsert updates columns");
        }
    }

    public static WriteSpec upsert() {
        return new WriteSpec(Mode.UPSERT, List.of());
    }

    public static WriteSpec upserting(List<String> columns) {
        return new WriteSpec(Mode.UPSERT, columns);
    }

    public static WriteSpec appendOnly() {
        return new WriteSpec(Mode.APPEND_ONLY, List.of());
    }

    public static WriteSpec firstWins() {
        return new WriteSpec(Mode.FIRST_WINS, List.of());
    }

    /** The kinds of write. */
    public enum Mode {
        /** Inserts or updates. */
        UPSERT,
        /** Inserts; a repeated row is ignored; an update or a delete of one is refused. */
        APPEND_ONLY,
        /** Inserts; whatever comes later for the same key is ignored, deletes apart. */
        FIRST_WINS
    }
}
