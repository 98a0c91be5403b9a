package io.sluice.platform.deadletter;

/** What kind of thing was wrong with a record, as its header spells it. */
public enum Reason {
    /** Its bytes can't be read, now or later. */
    UNREADABLE("unreadable"),
    /** It was read, and can't become a row. */
    UNMAPPABLE("unmappable"),
    /** It breaks a rule that the pipeline file sets. */
    RULE("rule"),
    /** The target does not take its row. */
    REFUSED("refused"),
    /** Nothing is wrong with it; an earlier record of its key is a dead letter, and it may not overtake that. */
    PARKED("parked");

    private final String text;

    Reason(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
