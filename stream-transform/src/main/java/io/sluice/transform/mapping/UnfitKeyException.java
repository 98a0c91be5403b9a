package io.sluice.transform.mapping;

/** A row that gives no key at the target. Its message is the reason, without any value; it carries no stack trace. */
final class UnfitKeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnfitKeyException(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
