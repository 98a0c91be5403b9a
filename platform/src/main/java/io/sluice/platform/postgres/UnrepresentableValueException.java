package io.sluice.platform.postgres;

import io.sluice.platform.error.HaltException;

/**
 * A table's column holds a value that can't be carried without loss. It concerns that table alone: the others can go on. Says
 * why, never what the value is.
 */
public final class UnrepresentableValueException extends HaltException {

    UnrepresentableValueException(String problem, String place, String remedy) {
        super("VALUE_NOT_REPRESENTABLE", problem, place, remedy);
    }
}
