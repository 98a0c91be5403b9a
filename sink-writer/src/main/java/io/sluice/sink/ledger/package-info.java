/**
 * What was applied to the target, kept in the target: {@code sluice.applied}, one row for each partition of each row topic.
 *
 * <p>Invariants: rows and the ledger move in one transaction; only the holder of a partition's latest epoch moves it, and only
 * on from where it last saw it; a topic that was made anew is never taken for the one before.
 */
@NullMarked
package io.sluice.sink.ledger;

import org.jspecify.annotations.NullMarked;
