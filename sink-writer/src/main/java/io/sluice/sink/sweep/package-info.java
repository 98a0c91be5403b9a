/**
 * Deletes what a load did not see: a row that went from the source while nobody looked has no delete in the log.
 *
 * <p>Invariants: a row is deleted only if no writer is at work on its table, every partition of the row topic has the whole load,
 * and its key is not among those that came since the load began. What to do next stands in the target alone and each step is one
 * transaction, so any sink may do it, be killed, and another go on.
 */
@NullMarked
package io.sluice.sink.sweep;

import org.jspecify.annotations.NullMarked;
