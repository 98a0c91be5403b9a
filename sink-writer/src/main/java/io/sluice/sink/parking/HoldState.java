package io.sluice.sink.parking;

import java.util.Locale;

/** Why a record is held. That of a key's first record holds for the key. */
public enum HoldState {
    /** It needs another row to come or to go, which may be on its way; and what follows it. */
    WAITING,
    /** The target does not take its row. */
    REFUSED,
    /** It came behind a refused one. */
    PARKED,
    /** The target's row is newer: a person is to decide. */
    CONFLICT,
    /** It came behind a conflict. */
    FOLLOWING,
    /** What waited was given up: the key goes on with the first change that says all of its row. */
    DISCARDED;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static HoldState of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Whether people are told of it by a letter. */
    boolean isTold() {
        return this == REFUSED || this == PARKED;
    }
}
