package io.sluice.schemas.codec;

/** These bytes are no record of ours, and never will be. Says what is wrong with their shape, never what they hold. */
public final class MalformedRecordException extends Exception {

    public MalformedRecordException(String problem) {
        super(problem);
    }
}
