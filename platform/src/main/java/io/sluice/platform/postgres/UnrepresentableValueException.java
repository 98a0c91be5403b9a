package io.sluice.platform.postgres;

/** A value that can't be carried without loss. Says why, never what the value is. */
final class UnrepresentableValueException extends RuntimeException {

    UnrepresentableValueException(String why) {
        super(why, null, false, false);
    }
}
