package io.sluice.source.publish;

/** Kafka no longer takes our transactions: another instance began, or the broker ended one of ours for its age. */
public final class FencedException extends RuntimeException {

    FencedException(Throwable cause) {
        super("Kafka refuses our transaction: " + cause.getClass().getSimpleName(), cause);
    }
}
