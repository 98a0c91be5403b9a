package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.Optional;

/** A value that is not what its key takes. Caught where the value's place is known, and made a {@link Problem} there. */
public final class Unreadable extends Exception {

    private final String suggestion;
    private final transient Optional<Place> place;

    public Unreadable(String what, String suggestion) {
        this(what, suggestion, Optional.empty());
    }

    Unreadable(String what, String suggestion, Place place) {
        this(what, suggestion, Optional.of(place));
    }

    private Unreadable(String what, String suggestion, Optional<Place> place) {
        super(what, null, false, false);
        this.suggestion = suggestion;
        this.place = place;
    }

    String what() {
        return String.valueOf(getMessage());
    }

    String suggestion() {
        return suggestion;
    }

    /** Where exactly, if that is not the whole value. */
    Optional<Place> place() {
        return place;
    }
}
