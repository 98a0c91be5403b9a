package io.sluice.platform.preflight;

import java.util.Objects;

/**
 * A table that is to be read whole.
 *
 * @param table as the pipeline file names it
 * @param rows about how many it has; negative where nobody knows
 * @param bytes that they take at the source, without indexes; negative where nobody knows
 */
public record ExpectedLoad(String source, String table, long rows, long bytes) {

    public ExpectedLoad {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(table, "table");
    }
}
