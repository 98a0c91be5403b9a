package io.sluice.transform.mapping.value;

/**
 * A value that can't become what is wanted of it, now or later. Its message is the reason, without the value. Bad rows may be
 * many, so it carries no stack trace.
 */
public final class UnfitValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnfitValueException(String reason) {
        super(reason, null, false, false);
    }

    /** The same, told of what it is about. */
    public UnfitValueException of(String what) {
        return new UnfitValueException(what + ": " + reason());
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
