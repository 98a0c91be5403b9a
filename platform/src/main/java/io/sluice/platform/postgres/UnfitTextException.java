package io.sluice.platform.postgres;

/** A text that its column's carrier can't hold. Says why, never what the text is. */
final class UnfitTextException extends RuntimeException {

    private final String remedy;

    UnfitTextException(String why) {
        this(why, "Change that value, or the column's type, at the source");
    }

    UnfitTextException(String why, String remedy) {
        super(why, null, false, false);
        this.remedy = remedy;
    }

    String why() {
        return String.valueOf(getMessage());
    }

    String remedy() {
        return remedy;
    }
}
