package io.sluice.sink;

import java.time.Duration;

/**
 * The limits within which a sink works.
 *
 * @param batchRecords the most records in one transaction
 * @param batchBytes the most bytes of records in one transaction, unless a single one is larger
 * @param idleInTransaction how long the target lets a frozen writer keep a transaction open
 * @param statement how long one statement may take before it is cancelled and tried again with fewer rows
 * @param lock how long to wait for somebody else's lock before trying again
 * @param order how long to wait for the rows that a foreign key or a unique value still needs
 * @param quiet how long after a batch the ledger is moved past transaction markers alone
 * @param hints how often Kafka is told how far we are
 * @param topicCheck how often the topics are checked to be the same ones still
 * @param session how long the group waits for a silent member before it gives its partitions to another
 * @param sweepRows the most rows that are looked at in one step of a sweep, while which nobody writes the table
 * @param sweepLook how often a sink looks whether there is something to sweep
 * @param leastBackoff the first wait after a failure; each later one is twice as long
 * @param mostBackoff the longest wait after a failure
 */
public record SinkSettings(
        int batchRecords,
        long batchBytes,
        Duration idleInTransaction,
        Duration statement,
        Duration lock,
        Duration order,
        Duration quiet,
        Duration hints,
        Duration topicCheck,
        Duration session,
        int sweepRows,
        Duration sweepLook,
        Duration leastBackoff,
        Duration mostBackoff) {

    public static final SinkSettings DEFAULT = new SinkSettings(
            5_000,
            16L << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            5_000,
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
}
