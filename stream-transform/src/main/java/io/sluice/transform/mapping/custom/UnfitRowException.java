package io.sluice.transform.mapping.custom;

/** A mapper rejects a change, or gives what is no row. Its stack says nothing and is left out. */
public final class UnfitRowException extends RuntimeException {

    private final String reason;

    UnfitRowException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    /** Without a value of the row, apart from what the mapper itself says. */
    public String reason() {
        return reason;
    }
}
