package io.sluice.schemas.pipeline;

import java.util.Objects;
import java.util.Optional;

/**
 * What happens when the target holds something newer than what arrives.
 *
 * @param by the column whose later value is the newer one
 * @param alert whether each conflict is reported
 */
public record ConflictSpec(Resolution resolve, Optional<String> by, boolean alert, Place place) {

    public ConflictSpec {
        Objects.requireNonNull(resolve, "resolve");
        Objects.requireNonNull(by, "by");
        Objects.requireNonNull(place, "place");
    }

    public static ConflictSpec sourceWins() {
        return new ConflictSpec(Resolution.SOURCE_WINS, Optional.empty(), false, Place.NOWHERE);
    }

    /** Who prevails. */
    public enum Resolution {
        SOURCE_WINS,
        LAST_WRITE_WINS,
        /** The row is parked for a person. */
        MANUAL
    }
}
