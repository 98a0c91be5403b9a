package io.sluice.localstack;

/** A local server could not be started, found or stopped. The message says what, where and what to do next. */
public final class LocalServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LocalServerException(String message) {
        super(message);
    }

    public LocalServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
