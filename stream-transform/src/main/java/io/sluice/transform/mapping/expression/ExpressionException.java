package io.sluice.transform.mapping.expression;

/** An expression that has no value for a row. Its message is the reason, without any value; it carries no stack trace. */
public final class ExpressionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ExpressionException(String reason) {
        super(reason, null, false, false);
    }

    /** The same, told of what it is about. */
    public ExpressionException of(String what) {
        return new ExpressionException(what + ": " + reason());
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
