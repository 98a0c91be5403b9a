package io.sluice.source.position;

/**
 * The boundary up to which everything is in Kafka.
 *
 * @param lsn the end of the last committed transaction
 * @param committedAtMicros when that transaction committed
 */
public record StoredOffset(long lsn, long committedAtMicros) {}
