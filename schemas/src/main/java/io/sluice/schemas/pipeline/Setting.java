package io.sluice.schemas.pipeline;

import java.util.Objects;

/**
 * A key that the file sets.
 *
 * @param path where in the file's tree, {@code services.ledger.tables.trades.write} say
 * @param key the same with {@code *} for every name that the user chose, {@code services.*.tables.*.write} say
 */
public record Setting(String path, String key, Place place) {

    public Setting {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(place, "place");
    }
}
