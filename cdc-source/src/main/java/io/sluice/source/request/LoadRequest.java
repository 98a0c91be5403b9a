package io.sluice.source.request;

import io.sluice.schemas.model.TableId;
import java.util.Objects;
import java.util.UUID;

/**
 * Asks that a table be read again, or that its load be given up.
 *
 * @param id tells this request from every other
 */
public record LoadRequest(TableId table, Kind kind, String id) {

    /** What is asked. */
    public enum Kind {
        LOAD,
        CANCEL
    }

    public LoadRequest {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(kind, "kind");
        if (id.isBlank()) {
            throw new IllegalArgumentException("a request has a name");
        }
    }

    public static LoadRequest load(TableId table) {
        return new LoadRequest(table, Kind.LOAD, UUID.randomUUID().toString());
    }

    public static LoadRequest cancel(TableId table) {
        return new LoadRequest(table, Kind.CANCEL, UUID.randomUUID().toString());
    }
}
