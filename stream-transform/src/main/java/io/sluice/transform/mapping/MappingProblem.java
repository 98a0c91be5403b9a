package io.sluice.transform.mapping;

import io.sluice.schemas.pipeline.Place;
import java.util.Objects;

/**
 * Why a table can't be mapped as the file says.
 *
 * @param path the setting, {@code services.ledger.tables.trades.columns.cost} say
 * @param remedy what to do; empty where the message says it
 */
public record MappingProblem(Place place, String path, String message, String remedy) {

    public MappingProblem {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(remedy, "remedy");
    }

    /** {@code file:line:column path: message; remedy}, on one line. */
    @Override
    public String toString() {
        return place + " " + path + ": " + message + (remedy.isEmpty() ? "" : "; " + remedy);
    }
}
