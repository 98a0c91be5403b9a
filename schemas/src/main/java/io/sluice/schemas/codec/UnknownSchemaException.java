package io.sluice.schemas.codec;

/** No schema has this id. Not raised while the store can't be reached: that passes, and this does not. */
public final class UnknownSchemaException extends Exception {

    public UnknownSchemaException(int id) {
        super("no schema has id " + id);
    }
}
