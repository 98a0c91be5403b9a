/**
 * From row topics to batches to the target: membership in the group, claims on partitions, retries, halts.
 *
 * <p>One thread owns the consumer, the connection and everything between. Whatever is uncertain (a lost connection, a rebalance)
 * is resolved by asking the ledger, never by remembering.
 */
@NullMarked
package io.sluice.sink.consume;

import org.jspecify.annotations.NullMarked;
